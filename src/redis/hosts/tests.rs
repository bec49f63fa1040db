use super::*;
use crate::redis::testing::redis_of;

/// Where `host` and a port lead from the service `api` of a project, in words.
fn leads(services: &str, address: &str) -> String {
    let (project, redis) = redis_of(services);
    let names = Names::of(&project, &redis.servers);
    let (host, port) = address.rsplit_once(':').expect("a port");
    let route = names.resolve(&project.services["api"], host, port.parse().ok());
    let target = match &route.target {
        Target::Server(name) => format!("server {name}"),
        Target::Service(name) => format!("service {name}"),
        Target::Unreachable(name, _) => format!("unreachable {name}"),
        Target::External(kind) => format!("{kind:?}"),
        Target::Undetermined(_) => "undetermined".to_owned(),
        other => format!("{other:?}"),
    };
    let port = route.port.map(|port| format!(":{port}")).unwrap_or_default();
    let by = route.address.map(|address| format!(" by {address}")).unwrap_or_default();
    match route.way {
        Way::Network => format!("{target}{port}{by}"),
        way => format!("{target}{port} {way:?}{by}"),
    }
}

/// `leads` for each address in turn.
fn all(services: &str, cases: &[(&str, &str)]) {
    for (address, expected) in cases {
        assert_eq!(leads(services, address), *expected, "{address} in\n{services}");
    }
}

#[test]
fn names_ignore_case_and_a_dot_at_the_end() {
    let yaml = "services: {api: {image: x}, Cache: {image: 'redis:7', container_name: Shop-Redis}}";
    let cases = [
        ("cache:6379", "server Cache:6379"),
        ("CACHE.:6380", "server Cache:6380"),
        ("shop-redis:6379", "server Cache:6379"),
        ("other:6379", "UnknownName"),
    ];
    all(yaml, &cases);
}

#[test]
fn an_alias_belongs_to_one_network() {
    let yaml = "
services:
  a: {image: 'redis:7', networks: {one: {aliases: [cache]}, both: {}}}
  b: {image: 'redis:7', networks: {two: {aliases: [cache]}, both: {}}}
  api: {image: x, networks: [NET]}
networks: {one: {}, two: {}, both: {}}
";
    assert_eq!(leads(&yaml.replace("NET", "one"), "cache:6379"), "server a:6379");
    assert_eq!(leads(&yaml.replace("NET", "two"), "cache:6379"), "server b:6379");
    assert_eq!(leads(&yaml.replace("NET", "both"), "cache:6379"), "server a:6379 Apart");
    assert_eq!(leads(&yaml.replace("NET", "one"), "b:6379"), "server b:6379 Apart");
    assert_eq!(leads(&yaml.replace("NET", "both"), "b:6379"), "server b:6379");
}

#[test]
fn two_keys_may_be_one_network() {
    let yaml = "
services:
  api: {image: x, networks: [one]}
  redis: {image: 'redis:7', networks: {two: {aliases: [cache]}}}
networks: {one: {name: shop}, two: {name: shop, external: true}}
";
    all(yaml, &[("redis:6379", "server redis:6379"), ("cache:6379", "server redis:6379")]);
}

#[test]
fn links_are_names_of_their_owner() {
    let yaml = "
services:
  api: {image: x, links: ['redis:lnk', worker]}
  worker: {image: x}
  redis: {image: 'redis:7'}
";
    all(yaml, &[("LNK:6379", "server redis:6379"), ("worker:6379", "service worker:6379")]);
    let apart = yaml.replace("'redis:7'", "'redis:7', networks: [store]") + "networks: {store: {}}";
    all(&apart, &[("lnk:6379", "server redis:6379 Apart")]);
    let other = yaml.replace("worker: {image: x}", "worker: {image: x, links: ['redis:own']}");
    all(&other, &[("own:6379", "UnknownName")]);
    let bridge = "
services:
  api: {image: x, network_mode: bridge, links: ['redis:lnk']}
  redis: {image: 'redis:7', network_mode: bridge}
";
    all(bridge, &[("lnk:6379", "server redis:6379"), ("redis:6379", "unreachable redis")]);
}

#[test]
fn a_client_in_the_network_of_the_host_reaches_what_is_published_there() {
    let yaml = "
services:
  api: {image: x, network_mode: host}
  redis: {image: 'redis:7', ports: ['127.0.0.1:6380:6379', '10.0.0.1:6381:6379']}
  web: {image: nginx, ports: ['8000-8009:80']}
  own: {image: 'redis:7', network_mode: host, command: redis-server --port 7000}
";
    let cases = [
        ("localhost:6380", "server redis:6379 Machine"),
        ("0.0.0.0:6380", "server redis:6379 Machine"),
        ("127.0.0.1:7000", "server own:7000 Machine"),
        ("localhost:8000", "service web:80 Machine"),
        ("localhost:6379", "Host"),
        ("localhost:6381", "Host"),
        ("localhost:x", "undetermined"),
        ("redis:6379", "unreachable redis"),
        ("own:7000", "unreachable own"),
        ("somewhere:6379", "undetermined"),
    ];
    all(yaml, &cases);
}

#[test]
fn the_gateway_leads_to_the_host() {
    let yaml = "
services:
  api: {image: x, extra_hosts: ['box:host-gateway', 'Redis:10.0.0.5', 'me:127.0.0.1', 'odd:nonsense']}
  redis: {image: 'redis:7', ports: ['6380:6379']}
";
    let cases = [
        ("host.docker.internal:6380", "server redis:6379 Machine"),
        ("host.docker.internal:6379", "HostGateway"),
        ("BOX:6380", "server redis:6379 Machine"),
        ("box:6379", "HostGateway"),
        ("redis:6379", "PrivateAddress by 10.0.0.5"),
        ("me:6379", "Localhost by 127.0.0.1"),
        ("odd:6379", "undetermined"),
    ];
    all(yaml, &cases);
}

#[test]
fn what_has_no_network_of_the_project_is_not_reached_by_name() {
    for mode in ["host", "none", "bridge", "service:api"] {
        let yaml = format!("services: {{api: {{image: x}}, redis: {{image: 'redis:7', network_mode: '{mode}'}}}}");
        assert_eq!(leads(&yaml, "redis:6379"), "unreachable redis", "{mode}");
    }
    for mode in ["none", "bridge", "host"] {
        let yaml = format!("services: {{api: {{image: x, network_mode: {mode}}}, redis: {{image: 'redis:7'}}}}");
        assert_eq!(leads(&yaml, "redis:6379"), "unreachable redis", "{mode}");
    }
    let outside = "services: {api: {image: x, network_mode: 'container:vpn'}, redis: {image: 'redis:7'}}";
    all(outside, &[("redis:6379", "undetermined"), ("localhost:6379", "undetermined"), ("other:6379", "undetermined")]);
}

#[test]
fn the_network_of_another_service_counts_as_its_own() {
    let yaml = "
services:
  vpn: {image: gluetun, container_name: tunnel, networks: [out], extra_hosts: ['far:10.0.0.5'], links: ['store:lnk']}
  api: {image: x, network_mode: 'service:mid'}
  mid: {image: x, network_mode: 'container:tunnel'}
  redis: {image: 'redis:7', network_mode: 'service:vpn'}
  second: {image: 'redis:7', network_mode: 'service:vpn', command: redis-server --port 6380}
  store: {image: 'redis:7', networks: [out]}
  far: {image: 'redis:7'}
networks: {out: {}}
";
    let cases = [
        ("localhost:6379", "server redis:6379 Inside"),
        ("localhost:6380", "server second:6380 Inside"),
        ("vpn:6380", "server second:6380"),
        ("redis:6379", "unreachable redis"),
        ("store:6379", "server store:6379"),
        ("lnk:6379", "server store:6379"),
        ("far:6379", "PrivateAddress by 10.0.0.5"),
    ];
    all(yaml, &cases);
    let client = "
services:
  vpn: {image: gluetun}
  api: {image: x}
  redis: {image: 'redis:7', network_mode: 'service:vpn'}
";
    all(client, &[("vpn:6379", "server redis:6379"), ("localhost:6379", "Localhost")]);
}

#[test]
fn a_circle_of_networks_ends() {
    let project = crate::redis::testing::project_of(&[(
        "docker-compose.yml",
        "services: {api: {image: x, network_mode: 'service:b'}, b: {image: x, network_mode: 'service:api'}}",
    )]);
    let names = Names::of(&project, &[]);
    let route = names.resolve(&project.services["api"], "localhost", Some(6379));
    assert!(matches!(route.target, Target::Undetermined(_)));
}

#[test]
fn names_with_their_network_and_names_of_containers() {
    let yaml = "
name: shop
services:
  api: {image: x, networks: [back, ext]}
  redis: {image: 'redis:7', container_name: r1, networks: [back]}
  far: {image: 'redis:7', networks: [other]}
networks: {back: {}, other: {}, ext: {external: true, name: traefik}}
";
    let cases = [
        ("redis.shop_back:6379", "server redis:6379"),
        ("r1.SHOP_back:6379", "server redis:6379"),
        ("far.shop_other:6379", "server far:6379 Apart"),
        ("redis.back:6379", "Name"),
        ("redis.traefik:6379", "Name"),
        ("redis.example.com:6379", "Name"),
        ("shop-redis-1:6379", "server redis:6379"),
        ("shop_far_1:6379", "server far:6379 Apart"),
        ("redis-elsewhere:6379", "undetermined"),
    ];
    all(yaml, &cases);
}

#[test]
fn fixed_addresses_belong_to_their_services() {
    let yaml = "
services:
  api: {image: x, networks: [back]}
  redis: {image: 'redis:7', networks: {back: {ipv4_address: 172.20.0.5}}}
networks: {back: {}}
";
    all(yaml, &[("172.20.0.5:6379", "server redis:6379"), ("172.20.0.6:6379", "PrivateAddress")]);
    let host = yaml.replace("networks: [back]", "network_mode: host");
    all(&host, &[("172.20.0.5:6379", "server redis:6379 Machine")]);
}

#[test]
fn servers_listen_where_their_image_or_their_command_says() {
    let (_, redis) = redis_of(
        "
services:
  plain: {image: 'redis:7'}
  told: {image: 'redis:7', command: redis-server --port 6380}
  open: {image: 'redis:7', command: 'redis-server --port ${PORT}'}
  conf: {image: 'redis:7', command: redis-server /etc/redis.conf}
  rocks: {image: apache/kvrocks}
  watch: {image: 'redis:7', command: redis-sentinel /etc/sentinel.conf}
",
    );
    let listens = |name: &str, port| redis.server(name).expect("a server").listens_on(port);
    assert_eq!((listens("plain", 6379), listens("plain", 6380)), (Some(true), Some(false)));
    assert_eq!((listens("told", 6379), listens("told", 6380)), (Some(false), Some(true)));
    assert_eq!((listens("open", 6380), listens("conf", 6380)), (None, None));
    assert_eq!((listens("rocks", 6666), listens("watch", 26379)), (Some(true), Some(true)));
}
