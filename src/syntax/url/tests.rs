//! URLs as people write them, right and wrong.

use super::*;

/// `user|password|hosts|path|query|fragment`, with `-` for a part that is not there.
fn parts(value: &str) -> Option<String> {
    let url = parse(value)?;
    let show = |range: &Option<Range<usize>>| range.clone().map_or("-", |range| &value[range]).to_owned();
    let host = |host: &HostPort| match &host.port {
        Some(port) => format!("{} {}", &value[host.host.clone()], &value[port.clone()]),
        None => value[host.host.clone()].to_owned(),
    };
    let hosts: Vec<_> = url.hosts.iter().map(host).collect();
    let fields =
        [show(&url.username), show(&url.password), hosts.join(","), show(&url.path), show(&url.query), show(&url.fragment)];
    Some(fields.join("|"))
}

#[test]
fn urls_are_taken_apart() {
    for (value, wanted) in [
        ("redis://redis:6379/0", "-|-|redis 6379|0|-|-"),
        ("REDISS://h", "-|-|h|-|-|-"),
        ("redis://", "-|-||-|-|-"),
        ("redis:///0", "-|-||0|-|-"),
        ("redis://:6379", "-|-| 6379|-|-|-"),
        ("redis://h:", "-|-|h |-|-|-"),
        ("redis://h:99999x/", "-|-|h 99999x||-|-"),
        ("redis://u:p@h:1/2?db=3&x=@#f", "u|p|h 1|2|db=3&x=@|f"),
        ("redis://secret@h", "secret|-|h|-|-|-"),
        ("redis://:@h", "||h|-|-|-"),
        ("redis://@h", "|-|h|-|-|-"),
        ("redis://[::1]:6379/0", "-|-|::1 6379|0|-|-"),
        ("redis://u:p@[fe80::1]", "u|p|fe80::1|-|-|-"),
        // Raw delimiters in the password.
        ("redis://:p@ss@h:1", "|p@ss|h 1|-|-|-"),
        ("redis://:p#ss@h:1/0", "|p#ss|h 1|0|-|-"),
        ("redis://:p/ss@h:1/0", "|p/ss|h 1|0|-|-"),
        ("redis://:p?ss@h:1/0", "|p?ss|h 1|0|-|-"),
        ("redis://u:p:q@h", "u|p:q|h|-|-|-"),
        ("redis://:a@b/c@h/0", "|a@b/c|h|0|-|-"),
        ("redis://h/0?a=b@c", "-|-|h|0|a=b@c|-"),
        ("redis://:p@h/0?a=b@c", "|p|h|0|a=b@c|-"),
        ("redis://:p w@h", "|p w|h|-|-|-"),
        // References are atoms.
        ("redis://${H:-redis}:${P:-6379}/${DB:-0}", "-|-|${H:-redis} ${P:-6379}|${DB:-0}|-|-"),
        ("redis://:${PW:-a@b/c}@h:$P/$D", "|${PW:-a@b/c}|h $P|$D|-|-"),
        ("redis://${U}:${PW}@${H}", "${U}|${PW}|${H}|-|-|-"),
        ("redis://${A:-${B:-x:1/2}}", "-|-|${A:-${B:-x:1/2}}|-|-|-"),
        ("redis://${H", "-|-|${H|-|-|-"),
        // Several hosts.
        ("redis://:p@a:1,b:2,c/0", "|p|a 1,b 2,c|0|-|-"),
        ("redis://:p@a:1/0,redis://:q@b:2/1", "|p|a 1,b 2|0|-|-"),
        ("sentinel://:p@a:1/0;sentinel://:q@b:2", "|p|a 1,b 2|0|-|-"),
        ("sentinel://a:1;b:2/x", "-|-|a 1,b 2|x|-|-"),
        // Sockets.
        ("unix:///run/redis.sock?db=1", "-|-||run/redis.sock|db=1|-"),
        ("redis+socket://:p@/run/redis.sock", "|p||run/redis.sock|-|-"),
    ] {
        assert_eq!(parts(value).as_deref(), Some(wanted), "{value}");
    }
    for value in ["", "redis", "redis:h", "http://h", " redis://h", "xredis://h", "${X:-redis://h}", "h:6379"] {
        assert_eq!(parts(value), None, "{value}");
    }
}

#[test]
fn the_index_is_found() {
    for (value, wanted) in [
        ("redis://h/2", Some("2")),
        ("redis://h/2?db=4", Some("4")),
        ("redis://h?x=1&db=4", Some("4")),
        ("redis://h/abc", Some("abc")),
        ("redis://h/${DB:-0}", Some("${DB:-0}")),
        ("redis://h", None),
        ("redis://h/", None),
        ("unix:///run/redis.sock", None),
        ("redis+socket:///run/redis.sock?virtual_host=2", Some("2")),
        ("redis+sentinel://h:26379/mymaster/3", Some("3")),
        ("redis+sentinel://h:26379/mymaster", None),
        ("redis-sentinel://h:26379/1#mymaster", Some("1")),
    ] {
        assert_eq!(parse(value).expect("a Redis URL").db(value), wanted, "{value}");
    }
}

#[test]
fn kinds_are_told_apart() {
    let url = |value| parse(value).expect("a Redis URL");
    assert!(url("rediss://h").is_tls() && url("rediss-sentinel://h").is_tls() && !url("redis://h").is_tls());
    assert!(url("sentinel://h").is_multi() && url("redis-cluster://h").is_multi() && url("redis://a,b").is_multi());
    assert!(!url("redis://h").is_multi() && url("unix:///x").is_socket() && !url("redis://h").is_socket());
}

#[test]
fn urls_are_found_in_longer_texts() {
    for (text, wanted) in [
        ("celery -b redis://a:1/0 --loglevel=info", &["redis://a:1/0"][..]),
        ("--broker=redis://:p@a:1/0, and (redis://b).", &["redis://:p@a:1/0", "redis://b"]),
        ("[\"x\", \"-b\", \"redis://a:1/0\"]", &["redis://a:1/0"]),
        ("sentinel://a:1;sentinel://b:2", &["sentinel://a:1", "sentinel://b:2"]),
        ("redis://a:1,b:2/0", &["redis://a:1,b:2/0"]),
        ("redis://a:1,redis://b:2", &["redis://a:1", "redis://b:2"]),
        ("x ${REDIS_URL:-redis://a:${P:-1}/0} y", &["redis://a:${P:-1}/0"]),
        ("${X-redis://a}", &["redis://a"]),
        ("redis://${H:-a b}/0 x", &["redis://${H:-a b}/0"]),
        ("redis://[::1]:6379]", &["redis://[::1]:6379"]),
        ("{\\\"url\\\": \\\"redis://a\\\"}", &["redis://a"]),
        ("redis-sentinel://a xredis://b http://c", &["redis-sentinel://a"]),
        ("unix:///var/run/docker.sock unix:///run/redis/redis.sock", &["unix:///run/redis/redis.sock"]),
        ("http://h?url=redis://a:1", &["redis://a:1"]),
    ] {
        let found: Vec<_> = find(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, wanted, "{text}");
    }
}

#[test]
fn any_text_is_survived() {
    let parts = [
        "redis://",
        "sentinel://",
        "unix://",
        "@",
        ":",
        "/",
        "?",
        "#",
        "[",
        "]",
        ",",
        ";",
        "${",
        "}",
        "$",
        "h",
        "1",
        "é",
        " ",
        "db=",
    ];
    let mut seed = 3_u32;
    for _ in 0..20_000 {
        let mut text = "redis://".to_owned();
        for _ in 0..8 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.push_str(parts[(seed >> 16) as usize % parts.len()]);
        }
        let url = parse(&text).expect("it starts with a scheme");
        url.db(&text);
        let all = [url.userinfo, url.username, url.password, url.path, url.query, url.fragment].into_iter().flatten();
        let hosts = url.hosts.into_iter().flat_map(|host| [Some(host.host), host.port]).flatten();
        assert!(all.chain(hosts).chain(find(&text)).all(|range| text.get(range).is_some()), "{text}");
    }
}
