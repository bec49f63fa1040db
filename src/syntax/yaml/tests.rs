use super::*;

fn parse(text: &str) -> Tree {
    Tree::parse(FileId(0), text)
}

fn read(text: &str) -> Tree {
    let tree = parse(text);
    assert_eq!(tree.errors, [], "{text}");
    tree
}

fn value<'a>(tree: &'a Tree, key: &str) -> &'a Node {
    let root = tree.root().expect("a root");
    tree.node(tree.get(root, key).expect("the key").value)
}

/// The text under the value of a top-level key.
fn under<'a>(tree: &Tree, text: &'a str, key: &str) -> &'a str {
    &text[value(tree, key).span.range()]
}

fn message(text: &str) -> (String, String) {
    let tree = parse(text);
    let error = tree.errors.first().expect("an error");
    (error.message.clone(), text[error.span.range()].to_owned())
}

#[test]
fn spans_are_the_exact_bytes() {
    let text = "\u{feff}é: \"q\\n\" # c\na: 'x'\nm:\n  k: v # d\n\n# e\nl:\n- x\n- - y\n # f\nf: {a: [1, ]}\np: x\n  y\n";
    let tree = read(text);
    assert_eq!(under(&tree, text, "é"), "\"q\\n\"");
    assert_eq!(under(&tree, text, "a"), "'x'");
    assert_eq!(under(&tree, text, "m"), "k: v");
    assert_eq!(under(&tree, text, "l"), "- x\n- - y");
    assert_eq!(under(&tree, text, "f"), "{a: [1, ]}");
    assert_eq!(under(&tree, text, "p"), "x\n  y");
    let comments: Vec<&str> = tree.comments.iter().map(|comment| &text[comment.range()]).collect();
    assert_eq!(comments, ["# c", "# d", "# e", "# f"]);
}

#[test]
fn empty_values_stand_behind_their_colon() {
    let text = "a:\nb: &x\nc: !reset # t\nd: {e, f: , g:}\nh:\n-\n- i\n";
    let tree = read(text);
    for (key, before) in [("a", "a:"), ("b", "&x"), ("c", "!reset")] {
        let span = value(&tree, key).span;
        assert!(span.is_empty() && text[..span.start as usize].ends_with(before), "{key}");
        assert!(tree.is_null(tree.get(tree.root().expect("a root"), key).expect("the key").value));
    }
    assert_eq!((value(&tree, "b").anchor.as_deref(), value(&tree, "c").tag.as_deref()), (Some("x"), Some("!reset")));
    assert_eq!(&text[value(&tree, "c").outer.range()], "!reset");
    let flow: Vec<usize> = tree
        .entries(tree.get(tree.root().expect("a root"), "d").expect("d").value)
        .iter()
        .map(|e| tree.node(e.value).span.start as usize)
        .collect();
    assert_eq!(flow, [text.find("e,").expect("e") + 1, text.find("f:").expect("f") + 2, text.find("g:").expect("g") + 2]);
    assert_eq!(under(&tree, text, "h"), "-\n- i");
}

#[test]
fn block_texts_end_with_their_last_line() {
    let text = "a:\n  b: |  # c\n    x \n    y\n\n  d: |+\n    z\n\n  e: >-\n    v\n    w\n  f: |\nh: |";
    let tree = read(text);
    let map = tree.get(tree.root().expect("a root"), "a").expect("a").value;
    let part = |key: &str| &text[tree.node(tree.get(map, key).expect("the key").value).span.range()];
    assert_eq!((part("b"), part("d"), part("e"), part("f")), ("|  # c\n    x \n    y", "|+\n    z\n\n", ">-\n    v\n    w", "|"));
    assert_eq!(under(&tree, text, "h"), "|");
    assert_eq!(tree.comments.len(), 1);
    let scalar = tree.scalar(tree.get(map, "d").expect("d").value).expect("a scalar");
    assert_eq!((scalar.value.as_str(), &text[scalar.content.range()]), ("z\n\n", "    z\n\n"));
}

#[test]
fn anchors_and_tags_lie_outside_the_span_and_inside_outer() {
    let text = "a: &m !t # c\n- &i x\n&k b : *m\nc: &n\n  &o d: 1\n";
    let text = &text.replace("!t # c\n-", "!t # c\n  -");
    let tree = read(text);
    assert_eq!(&text[value(&tree, "a").outer.range()], "&m !t # c\n  - &i x");
    assert_eq!(under(&tree, text, "a"), "- &i x");
    let entry = *tree.get(tree.root().expect("a root"), "b").expect("b");
    assert_eq!(&text[tree.node(entry.key).outer.range()], "&k b");
    assert!(matches!(tree.node(tree.target(entry.value)).kind, Kind::Seq { .. }) && tree.has_aliases());
    assert_eq!((value(&tree, "c").anchor.as_deref(), &text[value(&tree, "c").span.range()]), (Some("n"), "&o d: 1"));
}

#[test]
fn parts_of_a_value_are_found_in_the_source() {
    let find = |text: &str, part: &str| {
        let tree = read(text);
        let node = tree.get(tree.root().expect("a root"), "a").expect("a").value;
        let start = tree.scalar(node).expect("a scalar").value.find(part).expect("the part");
        let span = tree.raw_range(text, node, start..start + part.len());
        span.inspect(|span| assert_eq!(&text[span.range()], part)).map(|span| span.start as usize)
    };
    for text in [
        "a: xé redis\n",
        "a: 'it''s redis'\n",
        "a: \"\\x41\\u00e9\\U0001F600\\uD83D\\uDE00\\\"\\\n   redis\"\n",
        "a: \"x \n\n  y redis\"\n",
        "a: x\n  y\n\n  redis\n",
        "a: |\n\n  x\n    y\n\n  redis\n",
        "a: >\n  x\n  y\n\n    m\n\n  z\n  redis w\n",
        "a: |2\n    redis\n",
        "a: \"x\r\n  redis\"\r\n",
        "a: >-\r\n  x\r\n  redis\r\n",
    ] {
        assert_eq!(find(text, "redis"), text.find("redis"), "{text:?}");
    }
    assert_eq!(find("a: x\n  y\n", "x y"), None);
    assert_eq!(find("a: \"x\\x41y\"\n", "xA"), None);
    assert_eq!(find("a: |\n  x\n  y\n", "x\ny"), None);
    let tree = read("a: x\n");
    assert_eq!(tree.raw_range("a: x\n", NodeId(2), 0..9), None);
}

#[test]
fn paths_lead_from_the_root() {
    let tree = read("a: 1\n---\nb:\n  - c: [x, y]\n");
    let y = tree.ids().find(|&id| tree.scalar(id).is_some_and(|scalar| scalar.value == "y")).expect("y");
    assert_eq!(tree.key_path(y), ["b", "0", "c", "1"]);
    assert_eq!((tree.documents.len(), tree.key_path(tree.documents[1]).len()), (2, 0));
}

#[test]
fn the_last_of_equal_keys_is_found_in_small_and_large_mappings() {
    for count in [2, 60] {
        let mut lines: Vec<String> = (0..count).map(|n| format!("k{n}: {n}\n")).collect();
        lines.push("k1: last\n".to_owned());
        let text = lines.concat();
        let tree = parse(&text);
        let root = tree.root().expect("a root");
        assert_eq!(tree.scalar(tree.get(root, "k1").expect("k1").value).expect("a scalar").value, "last");
        assert!(tree.get(root, "k").is_none() && tree.get(root, "").is_none() && tree.get(root, "zz").is_none());
        assert_eq!(tree.errors.len(), 1);
    }
}

#[test]
fn keys_written_twice_are_named_with_the_first_line() {
    let (text, at) = message("a: 1\nb: 2\n\"a\": 3\n");
    assert!(text.contains("the key `a`") && text.contains("line 1"), "{text}");
    assert_eq!(at, "\"a\"");
    assert!(!message("a=s3cret: 1\na=s3cret: 2\n").0.contains("s3cret"));
    assert!(message("a: &x {}\nb:\n  <<: *x\n  <<: *x\n").0.contains("list of aliases"));
}

#[test]
fn merge_keys_take_mappings_and_lists_of_them() {
    read("x: &x {a: 1}\nb:\n  <<: *x\nc:\n  <<: [*x, {d: 1}]\n\"<<\": 1\n");
    for text in ["<<: 1\n", "<<:\n", "x: &x [1]\ny:\n  <<: *x\n", "<<: [{a: 1}, 2]\n"] {
        assert!(message(text).0.contains("merge key"), "{text}");
    }
    let tree = parse("y:\n  <<: *x\nz: 1\n");
    assert_eq!(tree.errors.len(), 1);
    assert!(tree.errors[0].message.contains("no anchor") && tree.entries(tree.root().expect("a root")).len() == 2);
}

#[test]
fn errors_are_told_to_a_person() {
    for (text, part, at) in [
        ("a:\n  b: 1\n\tc: 2\n", "tab", "\t"),
        ("a:\n\t- b\n", "tab", "\t"),
        ("a: 1\n\tb: 2\n", "tab", "\t"),
        ("a: {{ x }}\n", "template", "{{"),
        ("a: {{ x }}:{{ y }}\n", "template", "{{"),
        ("a:\n{% if x %}\n  b: 1\n", "template", "{%"),
        ("a: b: c\n", "quote the value", ":"),
        ("a: \"x\n", "never closed", "\""),
        ("a: @x\n", "quote the value", "@"),
        ("a:\n  b: 1\n c: 2\n", "column of the keys", "c"),
    ] {
        let (message, found) = message(text);
        assert!(message.contains(part), "{text:?}: {message}");
        assert_eq!(found, at, "{text:?}");
    }
    read("a: 'docker inspect --format {{ .State }}'\nb: x {{ y }}\n");
}

#[test]
fn what_comes_before_an_error_can_be_used() {
    let tree = parse("a:\n  b: 1\n  c: [x, y\nd: 1\n");
    let a = tree.get(tree.root().expect("a root"), "a").expect("a").value;
    assert_eq!(tree.scalar(tree.get(a, "b").expect("b").value).expect("a scalar").value, "1");
    assert_eq!(parse("a: 1\nb: @\n").entries(NodeId(0)).len(), 2);
}

#[test]
fn empty_files_and_empty_documents_are_no_errors() {
    assert!(read("").root().is_none() && read("# c\n").root().is_none() && read("\u{feff}").root().is_none());
    let tree = read("---\n---\na: 1\n");
    assert!(tree.is_null(tree.documents[0]) && tree.documents.len() == 2);
    assert_eq!(read("# c\n").comments.len(), 1);
}

#[test]
fn deep_nesting_ends_in_an_error() {
    for text in ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000), "? ".repeat(100_000)] {
        assert!(!parse(&text).errors.is_empty());
    }
    assert!(parse(&"a: &x\n".repeat(10)).errors.len() == 9);
}

#[test]
fn habits_are_those_of_most_of_the_file() {
    assert_eq!(read("a:\n    b:\n        c: 1\nd:\n  e: 1\n").habits(), Habits { step: 4, flush: false });
    assert_eq!(read("a:\n- b\nc:\n  d: 1\n").habits(), Habits { step: 2, flush: true });
}
