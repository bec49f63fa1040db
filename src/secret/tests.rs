//! Secrets in all their notations, and what only looks like one.

use super::*;

/// Stands for `§` in the texts below. No five characters in a row of it may be left.
const CANARY: &str = "Xq7ZtR2mKp9LwVb4";

fn leaks(text: &str) -> bool {
    let masked = mask(text);
    (0..CANARY.len() - 4).any(|at| masked.contains(&CANARY[at..at + 5]))
}

const SECRETS: &[&str] = &[
    // Userinfo.
    "redis://:§@h:6379/0",
    "REDIS_URL=redis://u:§@h",
    "REDIS_URL=redis://§@h",
    "url: rediss://default:a§#b@h:1/2",
    "redis://:a@§/b?c:d@h:6379/0",
    "redis://:${PW:-§}@h",
    "redis://${USER}:${PW-a§b}@h:6379/0?x=1",
    "redis://${USERINFO:-u:§@h}",
    "redis://${USER}:x§@h",
    "REDIS_URL=${REDIS_URL:-redis://:§@h:6379/0}",
    "- \"REDIS_URL=redis://:a'§@h\"",
    "- 'REDIS_URL=redis://:a\"§@h'",
    "- 'REDIS_URL=redis://:a''§@h'",
    "x: \"redis://:a\\\"§@h\"",
    "[\"celery\",\"-b\",\"redis://:§@h\",\"x@y\"]",
    "sentinel://:§@a:1;sentinel://:§@b:2",
    "redis://:§@a:1,redis://:§@b:2",
    "A=redis://:p §@h:1",
    "A: \"redis://:p §@h:1\"",
    "# was postgres://me:§@db/x",
    "amqps://u:§@h/v mongodb+srv://u:§@h",
    "x: '{\"url\": \"redis://:§@h\"}'",
    "x: \"{\\\"url\\\": \\\"redis://:§@h\\\"}\"",
    "https://ghp:§@github.com/x/y",
    "http://§@host/path",
    "REDIS_HOST=:§@h:6379",
    "REDIS_ADDR: user:§@h:6379",
    // An address that lacks its host or its scheme.
    "REDIS_URL=redis://default:§",
    "REDIS_URL=redis://:§",
    "REDIS_URL=redis://default:§/0",
    "REDIS_URL=redis://default:12§",
    "REDIS_URL=redis://default:a/§/0",
    "REDIS_URL=redis://:pw@203.0.113.10:§/0",
    "REDIS_URL=redis://a:6379,default:§",
    "REDIS_URL=${X:-redis://default:§}",
    "REDIS_URL=redis://default:${X:-§}",
    "REDIS_URL=redis://default:§${AT:-@}h:1",
    "postgres://me:§",
    "https://me:§/x",
    "REDIS_URL: \"redis://:a\n  §@h:1\"",
    "REDIS_ADDR=§@203.0.113.10:6379",
    "REDIS_ADDR=a=b§@203.0.113.10:6379",
    "KEY=§@203.0.113.10:6379",
    "REDIS_ADDR=${X:-§@203.0.113.10:6379}",
    "x: {REDIS_ADDR: §@203.0.113.10:6379}",
    "REDIS_HOSTS=§@a:1,§@b:2",
    "- --addr=§@${HOST}:6379/0",
    "- \"§@h:$PORT\"",
    "REDIS_HOST=§@203.0.113.10",
    // Values of names.
    "REDIS_PASSWORD=§",
    "REDIS_PASSWORD = §",
    "REDIS_PASSWORD: §",
    "REDIS_PASSWORD:§",
    "export REDIS_PASSWORD='§'",
    "REDIS_PASSWORD=\"§\" # old",
    "REDIS_PASSWORD=a b§ c",
    "- REDIS_PASSWORD=a # password: §",
    "REDIS_PASSWORD=a#§",
    "REDIS_PASSWORD='it\\'s§'",
    "REDIS_PASSWORD=\"a\\\"§\"",
    "REDIS_PASSWORD='one\ntwo §\nthree'\nB=1",
    "REDIS_PASSWORD=\"one\n§ two\"",
    "REDIS_PASSWORD=\"x\"§",
    "REDIS_PASSWORD=$ecret§",
    "REDIS_PASSWORD='§",
    "REDIS_PASSWORD=${X}§",
    "REDIS_PASSWORD=${X:-§}",
    "REDIS_PASSWORD=\"${X:-${Y:-§}}\"",
    "REDIS_PASSWORD=${X:-a}${Y-§}",
    "REDIS_PASSWORD=${§",
    "  - REDIS_PASSWORD=§",
    "  - \"REDIS_PASSWORD=a §\"",
    "  - 'REDIS_PASSWORD=a §'",
    "  - REDIS_PASSWORD=a\n    §\n",
    "#REDIS_PASSWORD=§",
    "  #   - REDIS_PASSWORD: '§'",
    "\"REDIS_PASSWORD\": \"§\"",
    "{\"redisPassword\":\"§\",\"b\":1}",
    "'password' => '§'",
    "environment: {A: 1, REDIS_PASSWORD: §, B: 2}",
    "environment: {A: 1, REDIS_PASSWORD: a §}",
    "environment: [A=1, REDIS_PASSWORD=§]",
    "environment: [\"A=1\", \"REDIS_PASSWORD=§\"]",
    "C: redis:6379,password=§,ssl=False",
    "C: \"redis:6379,password=§\"",
    "C: Server=x;Password=a §;Db=1",
    "C: redis://h:1/0?password=§&x=1",
    "REDIS_PASSWORD: |\n  §\nB: 1",
    "  REDIS_PASSWORD: >-\n    a\n\n    §\n  B: 1",
    "- REDIS_PASSWORD: | # why\n    §\n",
    "\u{feff}REDIS_PASSWORD: |\n  §\nB: 1",
    "  \"REDIS_PASSWORD\": |\n   §\n  B: 1",
    "REDIS_PASSWORD:\n  §\nB: 1",
    "REDIS_PASSWORD:\n  \"§\"\nB: 1",
    "REDIS_PASSWORD: &pw\n  §\n",
    "REDIS_PASSWORD: &pw §\n",
    "REDIS_PASSWORD: a\n  §\n",
    "  REDIS_PASSWORD: a\n\n    §\n",
    "  REDIS_PASSWORD: \"a\n    §\"\n",
    "  REDIS_PASSWORD: &pw \"a\n    §\"\n",
    "  REDIS_PASSWORD: !!str 'a\n    §'\n",
    "  REDIS_PASSWORD: &pw a\n    §\n",
    "  REDIS_PASSWORD: &pw |\n    §\n",
    "  REDIS_PASSWORD: !!str >-\n    §\n",
    "  REDIS_PASSWORD:\n    &pw \"a\n    §\"\n",
    "x: {REDIS_PASSWORD: \"a\n    §\"}",
    "x: {A: 1, REDIS_PASSWORD: a\n    §, B: 1}",
    "command: redis-server --requirepass \"a\n    §\"",
    "REDIS_PASSWORD: !!str §",
    "REDIS_PASSWORD: !§",
    "REDIS_PASSWORD: &§",
    "redis.password=§",
    "spring.data.redis.password: §",
    "JWT_SECRET_KEY=§",
    "APP_KEY=base64:§=",
    "api-key: §",
    "DB_PWD=§",
    "REDIS_PASS=§",
    "REDISPASS=§",
    "REDISCLI_AUTH=§ redis-cli ping",
    "sh -c \"REDISCLI_AUTH='§' redis-cli ping\"",
    "if [ \"$REDIS_PASSWORD\" = \"§\" ]",
    "--requirepass=§",
    "command: redis-server --requirepass=§ --x",
    "e.g. a password: §",
    "-e REDIS_PASSWORD=§ -e B=1",
    "-e \"REDIS_PASSWORD=§\"",
    "x: \"REDIS_PASSWORD=\\\"§\\\"\"",
    "Authorization: Bearer §",
    "\u{feff}REDIS_PASSWORD=§",
    "é_PASSWORD=§",
    // Defaults.
    "x: ${REDIS_PASSWORD:-§}",
    "x: ${REDIS_PASSWORD-§}",
    "x: ${REDIS_PASSWORD:+§}",
    "x: ${REDIS_PASSWORD:=§}",
    "x: $${REDIS_PASSWORD:-\"§\"}",
    "x: ${REDIS_PASSWORD:-a{§}",
    "x: ${REDIS_PASSWORD:-§",
    "x: ${REDIS_PASSWORD:os.environ(\"§\")}",
    "x: ${REDIS_PASSWORD_FILE:-§}",
    "x: ${REDIS_AUTHENTICATION:-§}",
    "x: ${REDIS_PASSWORD:+--requirepass §}",
    // Mistakes under a secret name.
    "REDIS_PASSWORD: ${§!}",
    "REDIS_PASSWORD: {§: 1}",
    "environment: {REDIS_PASSWORD: {§: 1}, A: b}",
    // Clients of other servers, and query strings.
    "x: //u:§@h/1",
    "x=//:§@h",
    "x: '//:§@h'",
    "A=tcp://h:6379?auth[]=u&auth[]=§",
    "A: \"tcp://h:6379?auth%5B%5D=u&auth%5B%5D=§&x=1\"",
    "mysqladmin ping -uroot -p§",
    "test: [\"CMD\", \"mysqladmin\", \"ping\", \"-uroot\", \"-p§\"]",
    "test: mariadb-admin ping -p'a §'",
    "mysqldump -u root -p\"§\" db",
    "mariadb -p§ -e 'select 1'",
    "curl -u u:§ http://h",
    "curl -f --user 'u:§' http://h",
    "[CMD, curl, -u, \"u:§\", http://h]",
    "DSN=u:§@tcp(h:3306)/d",
    "A: \"u:§@tcp(h:3306)/d\"",
    "A: u:§@/d",
    "ports: ['redis-cli --user u --pass ''§''']",
    "x: 'redis-cli -a ''§'' ping'",
    "x: 'redis-server --requirepass ''§'''",
    "x: 'sh -c ''REDIS_PASSWORD=§ y'''",
    "x: 'export REDIS_PASSWORD=''§'''",
    "KENNWORT=§",
    "MOT_DE_PASSE=§",
    "CONTRASENA: §",
    "SENHA: §",
    "APP_OTP: §",
    "PIN: §",
    // Options.
    "command: redis-server --requirepass § --appendonly yes",
    "command: redis-server --requirepass '§'",
    "command: \"redis-server --requirepass §\"",
    "command: sh -c \"redis-server --requirepass \\\"§\\\"\"",
    "command: [\"redis-server\",\"--requirepass\",\"§\",\"--x\"]",
    "command: ['redis-server', '--requirepass', 'a §']",
    "command: [redis-server, --requirepass, §]",
    "command: [\n  \"--requirepass\",\n  \"§\"\n]",
    "command:\n  - --requirepass\n  - §\n  - --x",
    "command:\n  - \"--requirepass\"\n  # why\n  - \"§\"",
    "command: >\n  redis-server\n  --requirepass\n  §\n",
    "redis-server --requirepass \\\n  §",
    "requirepass §",
    "# requirepass \"§\"",
    "redis-cli config set requirepass §",
    "masterauth §",
    "--masterauth §",
    "sentinel auth-pass mymaster §",
    "redis-cli -a § ping",
    "[\"CMD\", \"redis-cli\", \"-a\", \"§\", \"ping\"]",
    "test:\n  - CMD\n  - redis-cli\n  - -a\n  - §",
    "redis-cli -a'§' ping",
    "redis-cli --user u --pass § ping",
    "redis-cli --no-auth-warning -a \"§\"",
    "redis-cli AUTH §",
    "redis-cli auth user §",
    "printf 'AUTH §\\r\\nPING\\r\\n' | nc h 6379",
    "user default on >§ ~* +@all",
    "--user default on '>§' '~*'",
    "- --user\n- default on >§ ~* +@all",
    "- --user\n- default\n- \"on\"\n- \">a\"\n- \">§\"",
    "command: [redis-server, --user, default on #§ ~* +@all]",
    "redis-server --user default >a <§ ~* +@all",
    "ACL SETUSER bob on #§ ~*",
    "user bob +@all ~* >§",
    "celery flower --basic-auth §",
    "mysqladmin --password § ping",
    "KEY=\"-----BEGIN RSA PRIVATE KEY-----\n§\n§\n-----END RSA PRIVATE KEY-----\"",
    "-----BEGIN PRIVATE KEY-----\n§",
];

#[test]
fn secrets_are_masked_wherever_they_stand() {
    let mut left = Vec::new();
    for text in SECRETS {
        let text = text.replace('§', CANARY);
        for text in [text.clone(), format!("a: 1\n{text}\n"), text.replace('\n', "\r\n")] {
            if leaks(&text) {
                left.push((mask(&text), text));
            }
        }
    }
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn known_secrets_are_masked_by_their_value() {
    let mut known = Known::default();
    known.add_entry("REDIS_PASSWORD", "S3cr3tZq");
    known.add_entry("POSTGRES_PASSWORD", "postgres");
    known.add_entry("DB_PASSWORD", "shop");
    known.add_entry("A", "redis://default:pw4of-it@h");
    for value in ["${X}", "abc", "12345", "redis", ""] {
        known.add_entry("TOKEN", value);
    }
    known.spare(["shop"].into_iter());
    let text = "xS3cr3tZqx postgres://postgres_db postgres pw4of-it shop abc 12345 redis ${X}";
    assert_eq!(known.mask(text), "x********x postgres://postgres_db ******** ******** shop abc 12345 redis ${X}");
    assert_eq!(format!("{known:?}"), "Known");
}

#[test]
fn what_is_no_secret_stays_readable() {
    let mut masked = Vec::new();
    for text in [
        "- REDIS_URL=redis://:${REDIS_PASSWORD}@redis:6379/0",
        "redis://${U}:$PW@h redis://$$PW@h redis://h:6379/0 redis://:@h",
        "REDIS_PASSWORD=${REDIS_PASSWORD}",
        "REDIS_PASSWORD: \"${REDIS_PASSWORD:?must be set}\"",
        "REDIS_PASSWORD=${A:-${B}}",
        "REDIS_PASSWORD=",
        "mysqladmin ping -uroot -p$$MYSQL_ROOT_PASSWORD",
        "image: mysql:8\n    ports: [3306:3306]\n    command: x -p8080",
        "mysqladmin ping -h localhost -p",
        "curl -u u:${PW} http://h",
        "curl -f http://h:80/x || exit 1",
        "A=//cdn.example.com/npm/pkg@1.2",
        "# see // the notes",
        "DSN=$U:$PW@tcp(h:3306)/d",
        "SPINNER=x SHOPPING: y PINNED=z",
        "OTP_TTL=5",
        "volumes: ['./a:/b']",
        "REDIS_PASSWORD: ''",
        "  - REDIS_PASSWORD\n  - B=1",
        "ALLOW_EMPTY_PASSWORD=yes",
        "REDIS_PASSWORD_FILE=/run/secrets/pw",
        "command: redis-server --requirepass ${REDIS_PASSWORD:?x} --appendonly yes",
        "command: sh -c 'redis-server --requirepass \"$$REDIS_PASSWORD\" --appendonly yes'",
        "command: sh -c \"redis-server --requirepass \\\"$$REDIS_PASSWORD\\\" --x\"",
        "command: sh -c \"redis-server $${REDIS_PASSWORD:+--requirepass \\\"$$REDIS_PASSWORD\\\" --masterauth \\\"$$REDIS_PASSWORD\\\"}\"",
        "command: redis-server ${REDIS_PASSWORD:+--requirepass \"${REDIS_PASSWORD}\"}",
        "test: [\"CMD-SHELL\", \"redis-cli --no-auth-warning -a $$REDIS_PASSWORD ping\"]",
        "test: redis-cli -a \"$(cat /run/secrets/pw)\" ping",
        "secrets:\n  redis_password:\n    file: ./pw\n  other:\n    external: true",
        "secrets:\n  - redis_password\n  - source: token\n",
        "secrets: [redis_password]",
        "x-auth: &auth\n  image: a\n",
        "services:\n  auth:\n    image: a:1\n    ports: [\"1:2\"]",
        "depends_on:\n  auth: {condition: service_healthy}",
        "AUTH_REDIS_URL=redis://redis:6379/1",
        "AUTHENTIK_REDIS__HOST: redis",
        "AUTH_SERVICE: http://auth:3000/x",
        "  - auth:10.0.0.1",
        "  - ./redis-secret:/run/secret",
        "image: registry/redis-auth:7.2@sha256:00ff",
        "https://cdn.example.com/npm/package@1.2.3/x.js",
        "MAIL=a:b me@example.org",
        "GIT=git@github.com:a/b.git",
        "EMAIL_FROM_ADDRESS=${FROM:-me@example.org}",
        "working_dir: ${PWD}/x",
        "PWD=/srv",
        "cp -a source target",
        "http://localhost:3000/x http://$host:$port/x http://{{h}}:{{port}}/ http://h:<port> http://h:\"$PORT\"/ http://h:$$(cat x)",
        "docker://alpine:3.19 tcp://0.0.0.0:2375, (http://a:80) `http://[::1]:8080`. tcp://*:5555 file:///C:/x unix:///x",
        "redis://h:6379 redis://h:${PORT:-6379}/0 redis://${H}:${P}/0 redis://a:6379,b:6380,c/0 redis://[::1]:6379",
        "jdbc:sqlserver://db:1433;databaseName=x A://:9092,B://localhost:9094 http://localhost:${PORT}${PATH_X}",
        "A=postgres://${U:?U required}:${P:?P required}@h:5432/x",
        "REDIS_IMAGE=redis:7@sha256:1234 REDIS_ADMIN_EMAIL=a@b.c npm i a@1.2.3 rsync x@h:/path",
        "user: root\ncommand: foo >out.txt 2>&1 < in.txt # on purpose\n# the user may <b>switch on</b>\n#USERMAP=1",
        "x: {password: \"${PW}\", b: 1,\n  c: 2}",
        "x: {A: 1, PASSWORD: ,\n  B: 2}",
    ] {
        masked.extend((mask(text) != text).then(|| (text, mask(text))));
    }
    assert!(masked.is_empty(), "{masked:#?}");
}

#[test]
fn only_the_secret_part_is_masked() {
    for (text, masked) in [
        ("A=redis://:pw@h:6379/0 # x", "A=redis://********@h:6379/0 # x"),
        ("A=redis://:${PW:-pw}@h", "A=redis://:${PW:-********}@h"),
        ("A=redis://default:pw/0", "A=redis://default:********/0"),
        ("A=redis://:a@h:pw/0", "A=redis://********@h:********/0"),
        ("A=${X:-pw@h:1}", "A=${X:-********@h:1}"),
        ("- --user\n- default on >pw ~* +@all", "- --user\n- default on >******** ~* +@all"),
        ("{PASSWORD: a\n  b, B: 1}", "{PASSWORD: ********\n  ********, B: 1}"),
        ("PASSWORD=pw # old", "PASSWORD=******** # old"),
        ("  - \"PASSWORD=pw\"", "  - \"PASSWORD=********\""),
        ("{PASSWORD: pw, B: 1}", "{PASSWORD: ********, B: 1}"),
        ("redis-server --requirepass pw --x", "redis-server --requirepass ******** --x"),
        ("[\"--requirepass\", \"pw\", \"--x\"]", "[\"--requirepass\", \"********\", \"--x\"]"),
        ("PASSWORD: |\n  one\n  two\nB: 1", "PASSWORD: |\n  ********\n  ********\nB: 1"),
        ("- PASSWORD: |\n    one\n  B: 1", "- PASSWORD: |\n    ********\n  B: 1"),
        ("C: redis:6379,password=pw,ssl=1", "C: redis:6379,password=********,ssl=1"),
        ("A=${REDIS_PASSWORD:-pw}/x", "A=${REDIS_PASSWORD:-********}/x"),
        ("[\"A=redis://:pw@h\",\"B=me@x\"]", "[\"A=redis://********@h\",\"B=me@x\"]"),
    ] {
        assert_eq!(mask(text), masked, "{text}");
    }
}

#[test]
fn names_tell() {
    for name in [
        "REDIS_PASSWORD",
        "redisPassword",
        "PASS",
        "DB_PASS",
        "MYSQL_PWD",
        "API_KEY",
        "apiKey",
        "GITHUB_TOKEN",
        "SECRET_KEY_BASE",
        "REDISCLI_AUTH",
        "requirepass",
    ] {
        assert!(is_secret_name(name), "{name}");
    }
    for name in [
        "",
        "REDIS_URL",
        "PWD",
        "REDIS_PASSWORD_FILE",
        "secrets",
        "AUTHENTIK_REDIS__HOST",
        "OAUTH_CLIENT_ID",
        "KEY",
        "COMPASS_DIRECTION",
        "AUTHOR",
    ] {
        assert!(!is_secret_name(name), "{name}");
    }
}

#[test]
fn any_text_is_survived_and_ranges_are_in_order() {
    let parts = [
        "PASS",
        "=",
        ":",
        " ",
        "\n",
        "'",
        "\"",
        "\\",
        "${",
        "}",
        "$",
        "redis://",
        "user ",
        " >",
        "{",
        "h:1",
        "@",
        "é",
        "--requirepass",
        "-a",
        ",",
        "|",
        "[",
        "\r\n",
        "\u{feff}",
    ];
    let mut seed = 1_u32;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..12 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.push_str(parts[(seed >> 16) as usize % parts.len()]);
        }
        let found = find(&text);
        assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start), "{text:?}");
        assert!(found.iter().all(|range| !text[range.clone()].is_empty() && !text[range.clone()].contains('\n')), "{text:?}");
    }
}
