use super::*;
use crate::text::edit::Patch;
use crate::text::span::FileId;

/// The text after an edit, which must still be read without a fault and hold every comment that was there.
fn edited(text: &str, change: impl Fn(&Doc<'_>) -> Edits) -> String {
    let tree = Tree::parse(FileId(0), text);
    let edits = change(&Doc { tree: &tree, text }).unwrap_or_else(|refusal| panic!("{}\n{text}", refusal.0));
    let mut patch = Patch::default();
    patch.join(&edits).expect("edits of one change do not overlap");
    let new = patch.apply(FileId(0), text);
    let after = Tree::parse(FileId(0), &new);
    assert_eq!(after.errors, [], "{new}");
    let comments = |tree: &Tree, text: &str| {
        let mut all: Vec<String> = tree.comments.iter().map(|comment| text[comment.range()].to_owned()).collect();
        all.sort();
        all
    };
    assert_eq!(comments(&tree, text), comments(&after, &new), "{new}");
    new
}

fn refused(text: &str, change: impl Fn(&Doc<'_>) -> Edits) -> String {
    let tree = Tree::parse(FileId(0), text);
    change(&Doc { tree: &tree, text }).expect_err("a refusal").0
}

/// The node at a path of keys and indexes; aliases are followed on the way, not at its end.
fn at(doc: &Doc<'_>, path: &str) -> NodeId {
    path.split('/').filter(|key| !key.is_empty()).fold(doc.tree.root().expect("a root"), |node, key| {
        let node = doc.tree.target(node);
        match doc.tree.get(node, key) {
            Some(entry) => entry.value,
            None => doc.tree.items(node)[key.parse::<usize>().expect("an index")],
        }
    })
}

fn raw(text: &str) -> New {
    New::Raw(text.to_owned())
}

fn map(entries: &[(&str, New)]) -> New {
    New::Map(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
}

fn insert(text: &str, path: &str, key: &str, value: &New) -> String {
    edited(text, |doc| doc.insert_entry(at(doc, path), key, value, 0))
}

fn append(text: &str, path: &str, item: &str) -> String {
    edited(text, |doc| doc.append_item(at(doc, path), &raw(item), 0))
}

fn set(text: &str, path: &str, value: &str) -> String {
    edited(text, |doc| doc.replace_value(at(doc, path), value))
}

fn set_node(text: &str, path: &str, value: &str) -> String {
    edited(text, |doc| doc.replace_node(at(doc, path), &raw(value)))
}

fn remove(text: &str, path: &str, key: &str) -> String {
    edited(text, |doc| doc.remove_entry(at(doc, path), key))
}

fn long(text: &str, path: &str) -> String {
    edited(text, |doc| doc.list_to_map(at(doc, path), &|_| map(&[("c", raw("1"))]), &[("z".to_owned(), raw(""))]))
}

#[test]
fn an_entry_goes_behind_the_last_content_line_and_its_comment() {
    let text = "services:\n    a:\n        image: x # c\n\n# next\nvolumes:\n";
    let new = insert(text, "services", "b", &map(&[("image", raw("y"))]));
    assert_eq!(new, "services:\n    a:\n        image: x # c\n    b:\n        image: y\n\n# next\nvolumes:\n");
    assert_eq!(insert("a: |\n  x\n\nb: 1", "", "c", &raw("2")), "a: |\n  x\n\nb: 1\n\nc: 2");
    assert_eq!(insert("a:\n  b: |+\n    x\n\n# c\nd: 1\n", "a", "e", &raw("2")), "a:\n  b: |+\n    x\n\n  e: 2\n# c\nd: 1\n");
    assert_eq!(insert("a:\n  b: |\n    x\n\n# c\nd: 1\n", "a", "e", &raw("2")), "a:\n  b: |\n    x\n  e: 2\n\n# c\nd: 1\n");
}

#[test]
fn line_endings_and_the_byte_order_mark_stay() {
    assert_eq!(
        insert("\u{feff}a:\r\n  b: 1\r\n", "a", "c", &map(&[("d", raw("2"))])),
        "\u{feff}a:\r\n  b: 1\r\n  c:\r\n    d: 2\r\n"
    );
    assert_eq!(insert("\u{feff}a: 1", "", "c", &raw("2")), "\u{feff}a: 1\nc: 2");
    assert_eq!(insert("a: 1\r\nb: 2", "", "c", &raw("3")), "a: 1\r\nb: 2\r\nc: 3");
    assert_eq!(insert("a:", "a", "c", &raw("3")), "a:\n  c: 3");
}

#[test]
fn odd_indentation_is_followed() {
    assert_eq!(insert("a:\n b:\n  c: 1\n", "a/b", "d", &map(&[("e", raw("2"))])), "a:\n b:\n  c: 1\n  d:\n   e: 2\n");
    let list = New::Seq(vec![raw("x"), raw("y")]);
    assert_eq!(insert("a:\n   l:\n   - 1\n", "a", "m", &list), "a:\n   l:\n   - 1\n   m:\n   - x\n   - y\n");
    assert_eq!(insert("a:\n   l:\n      - 1\n", "a", "m", &list), "a:\n   l:\n      - 1\n   m:\n      - x\n      - y\n");
}

#[test]
fn compact_mappings_in_lists_keep_their_column() {
    assert_eq!(insert("- a: 1\n", "0", "b", &raw("2")), "- a: 1\n  b: 2\n");
    assert_eq!(insert("l:\n  -   a: 1 # c\n  - x\n", "l/0", "b", &raw("2")), "l:\n  -   a: 1 # c\n      b: 2\n  - x\n");
    assert_eq!(insert("-\ta: 1\n  c: 2\n", "0", "b", &raw("2")), "-\ta: 1\n  c: 2\n  b: 2\n");
    assert!(refused("-\ta: 1\n", |doc| doc.insert_entry(at(doc, "0"), "b", &raw("2"), 0)).contains("laid out"));
}

#[test]
fn an_empty_value_becomes_a_block() {
    assert_eq!(insert("s: # c\n  # d\nv: 1\n", "s", "b", &raw("2")), "s: # c\n  b: 2\n  # d\nv: 1\n");
    assert_eq!(insert("s: {} # c\nv: 1\n", "s", "b", &raw("2")), "s: # c\n  b: 2\nv: 1\n");
    assert_eq!(insert("s: null\n", "s", "b", &raw("2")), "s:\n  b: 2\n");
    assert_eq!(insert("s: &x\nt: *x\n", "s", "b", &raw("2")), "s: &x\n  b: 2\nt: *x\n");
    assert_eq!(insert("s:\n  {}\n", "s", "b", &raw("2")), "s:\n  b: 2\n");
    assert_eq!(insert("{}\n", "", "b", &raw("2")), "{b: 2}\n");
    assert_eq!(insert("--- # c\n", "", "b", &raw("2")), "--- # c\nb: 2\n");
    assert_eq!(append("s:\n", "s", "x"), "s:\n  - x\n");
    assert_eq!(append("l:\n- 1\ns: [] # c", "s", "x"), "l:\n- 1\ns: # c\n- x");
}

#[test]
fn flow_collections_stay_flow() {
    let health = map(&[("test", New::Seq(vec![raw("CMD"), raw("${A}")])), ("m", raw(""))]);
    assert_eq!(insert("a: {b: 1} # c\n", "a", "h", &health), "a: {b: 1, h: {test: [CMD, \"${A}\"], m: null}} # c\n");
    assert_eq!(insert("a: { b: 1 }\n", "a", "h", &raw("2")), "a: { b: 1, h: 2 }\n");
    assert_eq!(insert("a: {b: 1, }\n", "a", "h", &raw("2")), "a: {b: 1, h: 2, }\n");
    assert_eq!(insert("a: {b: {}}\n", "a/b", "h", &raw("2")), "a: {b: {h: 2}}\n");
    assert_eq!(insert("a: {b: }\n", "a/b", "h", &raw("2")), "a: {b: {h: 2} }\n");
    assert_eq!(insert("a: {b:}\n", "a", "h", &raw("2")), "a: {b: , h: 2}\n");
    assert_eq!(append("a: [x, y]\n", "a", "z"), "a: [x, y, z]\n");
    assert_eq!(insert("a: {\n  b: 1, # c\n  d: 2 # e\n}\n", "a", "f", &raw("3")), "a: {\n  b: 1, # c\n  d: 2, # e\n  f: 3,\n}\n");
    assert_eq!(append("a: [\n  1,\n  2,\n  # c\n]\n", "a", "3"), "a: [\n  1,\n  2,\n  3,\n  # c\n]\n");
}

#[test]
fn several_insertions_at_one_place_add_up() {
    for (text, expected) in [
        ("a: {b: 1}\n", "a: {b: 1, x: 1, w: 2}\n"),
        ("a: {\n  b: 1\n}\n", "a: {\n  b: 1,\n  x: 1,\n  w: 2,\n}\n"),
        ("a: {}\n", "a:\n  x: 1\n  w: 2\n"),
        ("a:\n  b: 1", "a:\n  b: 1\n  x: 1\n  w: 2"),
    ] {
        let new = edited(text, |doc| {
            let mut edits = doc.insert_entry(at(doc, "a"), "w", &raw("2"), 1)?;
            // What both changes have in common is one edit in the end, as in a patch.
            edits.retain(|edit| edit.span.is_empty() || !text.contains("{}"));
            Ok([doc.insert_entry(at(doc, "a"), "x", &raw("1"), 0)?, edits].concat())
        });
        assert_eq!(new, expected);
    }
    let new = edited("a:\n  b:\n    c: 1", |doc| {
        let outer = doc.insert_entry(at(doc, ""), "z", &raw("1"), 0)?;
        let inner = doc.insert_entry(at(doc, "a/b"), "d", &raw("2"), 0)?;
        Ok([outer, inner, doc.insert_entry(at(doc, "a"), "e", &raw("3"), 0)?].concat())
    });
    assert_eq!(new, "a:\n  b:\n    c: 1\n    d: 2\n  e: 3\nz: 1");
}

#[test]
fn an_entry_can_go_behind_a_given_one() {
    let after = |text: &str| edited(text, |doc| doc.insert_after(at(doc, "a"), "b", "x", &raw("9"), 0));
    assert_eq!(after("a:\n  b:\n    - 1 # c\n  # d\n  e: 2\n"), "a:\n  b:\n    - 1 # c\n  x: 9\n  # d\n  e: 2\n");
    assert_eq!(after("a: {b: 1, c: 2}\n"), "a: {b: 1, x: 9, c: 2}\n");
    assert_eq!(after("a:\n  b:\n"), "a:\n  b:\n  x: 9\n");
}

#[test]
fn items_keep_the_dashes_where_they_are() {
    assert_eq!(append("a:\n- x # c\n\nb: 1\n", "a", "y"), "a:\n- x # c\n- y\n\nb: 1\n");
    assert_eq!(append("a:\n    - x\n    # c\nb: 1", "a", "y"), "a:\n    - x\n    - y\n    # c\nb: 1");
    assert_eq!(append("a:\n  - k: 1\n    l: 2", "a", "y"), "a:\n  - k: 1\n    l: 2\n  - y");
    assert_eq!(append("- - 1\n- 2\n", "0", "y"), "- - 1\n  - y\n- 2\n");
    let item = map(&[("k", raw("1")), ("l", raw("2"))]);
    assert_eq!(
        edited("a:\r\n  - 1\r\n", |doc| doc.append_item(at(doc, "a"), &item, 0)),
        "a:\r\n  - 1\r\n  - k: 1\r\n    l: 2\r\n"
    );
}

#[test]
fn values_keep_their_quotes() {
    assert_eq!(set("a: x # c\n", "a", "redis://r:6379/0"), "a: redis://r:6379/0 # c\n");
    assert_eq!(set("a: 'x'\n", "a", "it's"), "a: 'it''s'\n");
    assert_eq!(set("a: \"x\"\n", "a", "a\"b"), "a: \"a\\\"b\"\n");
    assert_eq!(set("a: x\n", "a", "6379"), "a: \"6379\"\n");
    assert_eq!(set("a: 1\n", "a", "6379"), "a: 6379\n");
    assert_eq!(set("a: x\n", "a", "a: b"), "a: \"a: b\"\n");
    assert_eq!(set("a: [x, y]\n", "a/0", "p,q"), "a: [\"p,q\", y]\n");
    assert_eq!(set("a: # c\n", "a", "x"), "a: x # c\n");
    assert_eq!(set("-\n- a", "0", "x"), "- x\n- a");
    assert_eq!(set("a: x\n  y # c\n", "a", "z"), "a: z # c\n");
    assert_eq!(set("a: &n x\nb: *n\n", "a", "z"), "a: &n z\nb: *n\n");
}

#[test]
fn a_part_of_a_value_is_replaced_where_it_stands() {
    let part = |text: &str, path: &str, old: &str, new: &str| {
        edited(text, |doc| {
            let node = at(doc, path);
            let start = doc.tree.scalar(node).expect("a scalar").value.find(old).expect("the part");
            doc.replace_range(node, start..start + old.len(), new)
        })
    };
    assert_eq!(part("- URL=redis://h:1 # c\n", "0", "h", "redis"), "- URL=redis://redis:1 # c\n");
    assert_eq!(part("- \"A=\\u00e9 h\\n\"\n", "0", "h", "r\"s"), "- \"A=\\u00e9 r\\\"s\\n\"\n");
    assert_eq!(part("- 'it''s h'\n", "0", "h", "r's"), "- 'it''s r''s'\n");
    assert_eq!(
        part("a: >\n  run\n  --url h\n  # no comment\nb: 1\n", "a", "h", "r"),
        "a: >\n  run\n  --url r\n  # no comment\nb: 1\n"
    );
    assert_eq!(part("a:\n  b: |\n    x\n      h y\n", "a/b", "h", "redis"), "a:\n  b: |\n    x\n      redis y\n");
    assert_eq!(part("a: x h\n  y\n", "a", "h", "r"), "a: x r\n  y\n");
    assert_eq!(part("a: x h\n  y\n", "a", "h", "r: s"), "a: \"x r: s y\"\n");
    assert_eq!(part("a: \"x\\x68\"\n", "a", "h", "r"), "a: \"xr\"\n");
    assert_eq!(part("a: h1\n", "a", "h", ""), "a: \"1\"\n");
    let text = "a: |\n  x\n  y\n";
    assert!(refused(text, |doc| doc.replace_range(at(doc, "a"), 0..3, "z")).contains("one piece"));
    assert!(refused(text, |doc| doc.replace_range(at(doc, "a"), 0..1, " z")).contains("one piece"));
    assert!(refused(text, |doc| doc.replace_range(at(doc, "a"), 0..99, "z")).contains("not one of"));
}

#[test]
fn a_whole_value_is_replaced_and_outer_comments_stay() {
    assert_eq!(
        set_node("h:\n  test: # a\n    - CMD\n    - x # b\n  n: 1\n", "h/test", "[y]"),
        "h:\n  test: [y] # a\n  # b\n  n: 1\n"
    );
    assert_eq!(set_node("h:\n  test:\n  - CMD\n  - x", "h/test", "y"), "h:\n  test: y");
    assert_eq!(set_node("t: [a,\r\n  b]  # c\r\nu: 1\r\n", "t", "y"), "t: y  # c\r\nu: 1\r\n");
    assert_eq!(set_node("t:   a # c\n", "t", "y"), "t:   y # c\n");
    assert_eq!(set_node("t: # c\n", "t", "y"), "t: y # c\n");
    assert_eq!(set_node("t: |  # c\n  a\n\nu: 1\n", "t", "y"), "t: y  # c\n\nu: 1\n");
    assert_eq!(set_node("t: |+\n  a\n\n\nu: 1\n", "t", "y").lines().next(), Some("t: y"));
    assert_eq!(set_node("t: | # c\nu: 1\n", "t", "y"), "t: y # c\nu: 1\n");
    assert_eq!(set_node("{t: [a, b], u: 1}\n", "t", "y"), "{t: y, u: 1}\n");
    assert_eq!(set_node("- x # c\n", "0", "y"), "- y # c\n");
    assert_eq!(set_node("t: a # c\n", "t", ""), "t: # c\n");
    let block = edited("t: a # c\nu: {v: 1}", |doc| doc.replace_node(at(doc, "u"), &map(&[("w", raw("2"))])));
    assert_eq!(block, "t: a # c\nu:\n  w: 2");
    assert!(refused("t:\n  - a\n  # c\n  - b\n", |doc| doc.replace_node(at(doc, "t"), &raw("y"))).contains("line 3"));
    assert!(refused("t:\n  - &a x\nu: *a\n", |doc| doc.replace_node(at(doc, "t"), &raw("y"))).contains("line 3"));
    assert!(refused("t: !reset\n", |doc| doc.replace_node(at(doc, "t"), &raw("y"))).contains("tag"));
}

#[test]
fn an_entry_goes_with_its_lines() {
    assert_eq!(remove("a: 1\nb:\n  - 2\n\n# c\nd: 3\n", "", "b"), "a: 1\n\n# c\nd: 3\n");
    assert_eq!(remove("a: 1\r\nb: 2", "", "b"), "a: 1");
    assert_eq!(remove("\u{feff}a: 1\nb: 2\n", "", "a"), "\u{feff}b: 2\n");
    assert_eq!(remove("a:\n  b: 1\nc: 2\n", "a", "b"), "a: {}\nc: 2\n");
    assert_eq!(remove("a: |\n  x\nb: 2", "", "b"), "a: |\n  x\n");
    assert_eq!(remove("- a: 1\n  b: 2\n", "0", "a"), "- b: 2\n");
    assert_eq!(remove("- a: 1\n", "0", "a"), "- {}\n");
    assert_eq!(remove("x: {a: 1, b: 2, c: 3}\n", "x", "a"), "x: {b: 2, c: 3}\n");
    assert_eq!(remove("x: {a: 1, b: 2, c: 3}\n", "x", "b"), "x: {a: 1, c: 3}\n");
    assert_eq!(remove("x: {a: 1}\n", "x", "a"), "x: {}\n");
    assert!(refused("a: 1 # c\nb: 2\n", |doc| doc.remove_entry(at(doc, ""), "a")).contains("line 1"));
    assert!(refused("a:\n  # c\n  - 1\nb: 2\n", |doc| doc.remove_entry(at(doc, ""), "a")).contains("line 2"));
    assert!(refused("a: |\n  x\nb: 2\n  # c\n", |doc| doc.remove_entry(at(doc, ""), "b")).contains("line 4"));
    assert!(refused("a: &x 1\nb: *x\n", |doc| doc.remove_entry(at(doc, ""), "a")).contains("shared"));
    assert!(refused("a: 1\n", |doc| doc.remove_entry(at(doc, ""), "b")).contains("not there"));
}

#[test]
fn a_short_list_becomes_a_mapping() {
    assert_eq!(long("d: [a, \"b\"] # c\ne: 1\n", "d"), "d: # c\n  a:\n    c: 1\n  \"b\":\n    c: 1\n  z:\ne: 1\n");
    assert_eq!(long("d:\n  - a  # c\n  # e\n  - b\nf: 1\n", "d"), "d:\n  a:  # c\n    c: 1\n  # e\n  b:\n    c: 1\n  z:\nf: 1\n");
    assert_eq!(long("s:\n  d:\n  - a\n  - b", "s/d"), "s:\n  d:\n    a:\n      c: 1\n    b:\n      c: 1\n    z:");
    assert_eq!(
        long("d: # x\r\n    - a # c\r\n", "d"),
        "d: # x\r\n    a: # c\r\n        c: 1\r\n    z:\r\n".replace("        c", "      c")
    );
    assert_eq!(long("s: {d: [a, b]}\n", "s/d"), "s: {d: {a: {c: 1}, b: {c: 1}, z: null}}\n");
    assert_eq!(long("d: []\n", "d"), "d:\n  z:\n");
    assert_eq!(long("d:\n  [ a,\n    b ]\n", "d"), "d:\n  a:\n    c: 1\n  b:\n    c: 1\n  z:\n");
    let names = edited("n:\n  - a # c\n", |doc| doc.list_to_map(at(doc, "n"), &|_| raw(""), &[]));
    assert_eq!(names, "n:\n  a: # c\n");
    for text in [
        "d: [a, a]\n",
        "d: [{a: 1}]\n",
        "d: [z]\n",
        "d: [&x a]\n",
        "d: [null]\n",
        "d: &x [a]\ne: *x\n",
        "d: [a, # c\n b]\n",
        "d: a\n",
    ] {
        refused(text, |doc| doc.list_to_map(at(doc, "d"), &|_| raw(""), &[("z".to_owned(), raw(""))]));
    }
}

#[test]
fn what_is_not_safe_is_refused() {
    let refuse_insert = |text: &str, path: &str| refused(text, |doc| doc.insert_entry(at(doc, path), "k", &raw("1"), 0));
    assert!(refuse_insert("a: &x {b: 1}\nc: *x\n", "c").contains("shared by an anchor"));
    assert!(refuse_insert("a: 1\na: 2\n", "").contains("line 2"));
    assert!(refuse_insert("a: [1\n", "").contains("line 1"));
    assert!(refuse_insert("k: 1\n", "").contains("already there"));
    assert!(refuse_insert("a: 1\n", "a").contains("not a mapping"));
    assert!(refuse_insert("a: !reset null\n", "a").contains("tag"));
    assert!(refused("? a\n: 1\nb: 2\n", |doc| doc.remove_entry(at(doc, ""), "a")).contains("`?`"));
    assert!(refuse_insert(": 1\n", "").contains("empty key"));
    assert!(refuse_insert("a: |\n  x", "").contains("line ending"));
    assert!(refused("a: 1\n", |doc| doc.insert_entry(at(doc, ""), "k", &raw("1\n2"), 0)).contains("line break"));
    assert!(refused("a: |\n  x\n", |doc| doc.replace_value(at(doc, "a"), "y")).contains("block text"));
    assert!(refused("a: &x 1\nb: *x\n", |doc| doc.replace_value(at(doc, "b"), "y")).contains("alias"));
}

#[test]
fn later_documents_are_edited_in_their_place() {
    let text = "a: 1\n---\nb: 2\n...\n";
    let second = |doc: &Doc<'_>, key: &str| doc.insert_entry(doc.tree.documents[usize::from(key == "w")], key, &raw("3"), 0);
    assert_eq!(edited(text, |doc| second(doc, "x")), "a: 1\nx: 3\n---\nb: 2\n...\n");
    assert_eq!(edited(text, |doc| second(doc, "w")), "a: 1\n---\nb: 2\nw: 3\n...\n");
}
