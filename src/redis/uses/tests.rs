use super::*;
use crate::redis::testing::{project_of, redis_of};

/// The uses of a project, in words: `api REDIS_URL redis:6379 → server redis`.
fn uses(yaml: &str) -> Vec<String> {
    let (_, redis) = redis_of(yaml);
    redis.uses.iter().map(shown).collect()
}

fn shown(usage: &RedisUse) -> String {
    let address = usage.endpoint.as_ref().map(|endpoint| format!(" {}", endpoint.address())).unwrap_or_default();
    let target = match &usage.target {
        Target::Server(name) => format!("server {name}"),
        other => format!("{other:?}"),
    };
    let parts: Vec<&str> = usage.parts.iter().map(|part| part.variable.as_str()).collect();
    let with = if parts.is_empty() { String::new() } else { format!(" with {}", parts.join(" ")) };
    format!("{} {}{address}{with} → {target}", usage.service, usage.variable.as_deref().unwrap_or("command"))
}

/// The uses of one service `api` with a Redis beside it.
fn of_api(api: &str) -> Vec<String> {
    uses(&format!("services:\n  redis: {{image: 'redis:7'}}\n  api:\n    image: x\n{api}"))
}

#[test]
fn options_of_a_command_are_connections() {
    let cases = [
        ("[app, --redis-host, redis, --redis-port, '6380']", "api command redis:6380 with --redis-port → server redis"),
        ("app --redis-host=redis", "api command redis:6379 → server redis"),
        ("app --redis=redis:6379 --verbose", "api command redis:6379 → server redis"),
        ("app --redis-url=redis://redis:6379/1", "api command redis:6379 → server redis"),
        ("celery --broker redis://redis:6379/0 worker", "api command redis:6379 → server redis"),
        ("app -redis.addr redis:6379", "api command redis:6379 → server redis"),
        ("sh -c \"wait && app --redis-host redis\"", "api command redis:6379 → server redis"),
    ];
    for (command, expected) in cases {
        assert_eq!(of_api(&format!("    command: {command}\n")), [expected], "{command}");
    }
    for command in ["app --redis-ttl 60 --no-redis redis", "app --redis", "app --redis-image redis:7", "app --host redis"] {
        assert_eq!(of_api(&format!("    command: {command}\n")), [""; 0], "{command}");
    }
}

#[test]
fn a_shell_fills_in_what_the_environment_says() {
    let command = "    command: sh -c 'app redis://$$CACHE_AT/0'\n";
    let given = format!("{command}    environment: {{CACHE_AT: 'redis:6380'}}\n");
    assert_eq!(of_api(&given), ["api command redis:6380 → server redis"]);
    let [unknown] = &of_api(command)[..] else { panic!("one use") };
    assert!(unknown.contains("CACHE_AT, which a shell in the container puts in, has no value"), "{unknown}");
    let default = "    command: sh -c 'app redis://$${CACHE_AT:-redis}:$${P:-6379}'\n";
    assert_eq!(of_api(default), ["api command redis:6379 → server redis"]);
    let option = "    command: sh -c 'app --redis-host $$CACHE_AT'\n    environment: [CACHE_AT=redis]\n";
    assert_eq!(of_api(option), ["api command redis:6379 → server redis"]);
    let [unknown] = &of_api("    command: sh -c 'app --redis-host $$CACHE_AT'\n")[..] else { panic!("one use") };
    assert!(unknown.contains("Undetermined(\"CACHE_AT"), "{unknown}");
}

#[test]
fn bystanders_are_no_users() {
    let yaml = "
x-env: &env {REDIS_URL: 'redis://redis:6379', REDIS_HOST: redis}
services:
  redis: {image: 'redis:7'}
  db: {image: 'postgres:16', environment: *env}
  web: {image: 'nginx:1', environment: *env}
  search: {image: 'infiniflow/infinity:v0.7', environment: *env}
  flows: {image: 'n8nio/n8n', environment: {QUEUE_BULL_REDIS_HOST: redis}}
  own: {build: ., environment: {REDIS_URL: 'redis://redis:6379'}}
";
    let expected = ["flows QUEUE_BULL_REDIS_HOST redis:6379 → server redis", "own REDIS_URL redis:6379 → server redis"];
    assert_eq!(uses(yaml), expected);
}

#[test]
fn a_password_of_laravel_may_be_none() {
    let yaml = "    environment: {REDIS_HOST: redis, REDIS_PASSWORD: 'null'}\n";
    let (_, redis) = redis_of(&format!("services:\n  redis: {{image: 'redis:7'}}\n  api:\n    image: x\n{yaml}"));
    assert!(redis.uses[0].endpoint.as_ref().expect("an end").password.is_none());
}

#[test]
fn several_hosts_are_kept_each_with_its_way() {
    let (_, redis) = redis_of(
        "
services:
  a: {image: 'redis:7'}
  b: {image: 'redis:7'}
  api: {image: x, environment: {REDIS_NODES: 'a:6379,b:6380,gone:6379'}}
",
    );
    let usage = &redis.uses[0];
    let ends: Vec<_> = usage.ends.iter().map(|(end, route)| (end.address(), redis.arrival(route))).collect();
    let expected =
        [("a:6379".to_owned(), Some((6379, true))), ("b:6380".to_owned(), Some((6380, false))), ("gone:6379".to_owned(), None)];
    assert_eq!((&usage.target, ends.as_slice()), (&Target::Several, &expected[..]));
}

#[test]
fn a_port_without_a_value_is_not_known() {
    let yaml = "services:\n  redis: {image: 'redis:7'}\n  api:\n    image: x\n    environment:\n      REDIS_HOST: redis\n";
    let project = project_of(&[("docker-compose.yml", &format!("{yaml}      REDIS_PORT: ${{P}}\n"))]);
    assert_eq!(crate::redis::Redis::read(&project).uses[0].port, None);
    let project = project_of(&[("docker-compose.yml", yaml)]);
    assert_eq!(crate::redis::Redis::read(&project).uses[0].port, Some(6379));
}
