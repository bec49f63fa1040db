//! The way of a connection, from the place where it is written to the service that is given it.

use crate::compose::model::{Project, Service};
use crate::compose::trail::{self, By, Step};
use crate::compose::value::{Home, Text};
use crate::redis::uses::{Form, RedisUse};

/// All steps of a connection: those of the part that names the host, where it is known.
pub fn of(project: &Project, service: &Service, usage: &RedisUse, host: Option<&Text>) -> Vec<Step> {
    let docs = &project.docs;
    let text = host.unwrap_or(&usage.text);
    let nowhere = text.home() == Home::Outside && text.value.is_empty();
    let mut steps = if nowhere { Vec::new() } else { trail::of_text(docs, text) };
    let passed_on = !matches!(text.home(), Home::Yaml { .. }) && usage.form != Form::Command;
    if let Some(variable) = usage.variable.as_ref().filter(|_| passed_on) {
        let last = steps.last().and_then(|step| step.span);
        if last.is_none_or(|span| docs.sources.place(span) != docs.sources.place(usage.key_span)) {
            steps.push(Step { span: Some(usage.key_span), by: By::Name(variable.clone()) });
        }
    }
    if let Some(through) = usage.through {
        steps.push(Step { span: Some(through), by: By::EnvFile });
    }
    trail::into_service(project, service, usage.through.unwrap_or(usage.key_span), &mut steps);
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::Redis;
    use crate::redis::testing::project_of;

    /// The trail of the first use in a project of these files.
    fn trail(files: &[(&str, &str)]) -> String {
        let project = project_of(files);
        let redis = Redis::read(&project);
        let usage = redis.uses.first().expect("a use");
        let host = usage.endpoint.as_ref().map(|end| &end.host);
        let steps = of(&project, &project.services[&usage.service], usage, host);
        let shown = steps.iter().map(|step| {
            let place = step.span.map_or("-".to_owned(), |span| project.docs.sources.place(span));
            step.by.sign().map_or(place.clone(), |sign| format!("{place} {sign}"))
        });
        shown.collect::<Vec<_>>().join(" → ").replace("docker-compose.yml", "y")
    }

    const API: &str = "services:\n  api:\n    image: x\n    environment:\n";

    #[test]
    fn variables_lead_back_to_the_line_that_says_the_value() {
        let yaml = format!("{API}      REDIS_URL: ${{URL}}\n");
        let way = trail(&[("docker-compose.yml", &yaml), (".env", "A=1\nH=203.0.113.10\nURL=redis://${H}:6379/0\n")]);
        assert_eq!(way, ".env:2 → .env:3 ${H} → y:5 ${URL}");
        let yaml = format!("{API}      REDIS_URL: redis://${{A}}${{B}}:${{PORT}}\n");
        let way = trail(&[("docker-compose.yml", &yaml), (".env", "A=my\nPORT=1\nB=.host\n")]);
        assert_eq!(way, ".env:1 → .env:3 → y:5 ${A} ${B}");
    }

    #[test]
    fn defaults_and_variables_without_a_value_are_told_apart() {
        let yaml = format!("{API}      REDIS_URL: ${{URL:-redis://:${{PW-x}}@cache.example.com:6379}}\n");
        assert_eq!(trail(&[("docker-compose.yml", &yaml)]), "y:5 ${URL:-…}");
        let yaml = format!("{API}      REDIS_URL: redis://${{HOST}}:6379\n");
        assert_eq!(trail(&[("docker-compose.yml", &yaml)]), "y:5 ${HOST}");
        let yaml = format!("{API}      REDIS_HOST: ${{HOST}}\n");
        assert_eq!(trail(&[("docker-compose.yml", &yaml)]), "y:5 ${HOST}");
    }

    #[test]
    fn env_files_and_bare_names_are_steps() {
        let yaml = "services:\n  api:\n    image: x\n    env_file:\n      - app.env\n";
        let way = trail(&[("docker-compose.yml", yaml), ("app.env", "\nREDIS_URL=redis://${H}\n"), (".env", "H=a.b\n")]);
        assert_eq!(way, ".env:1 → app.env:2 ${H} → y:5 env_file");
        let yaml = format!("{API}      - REDIS_HOST\n");
        assert_eq!(trail(&[("docker-compose.yml", &yaml), (".env", "REDIS_HOST=a.b\n")]), ".env:1 → y:5 REDIS_HOST");
        assert_eq!(trail(&[("docker-compose.yml", &yaml)]), "y:5 REDIS_HOST");
    }

    #[test]
    fn anchors_and_extends_are_steps() {
        let yaml = "x-a: &app\n  environment: &env\n    REDIS_URL: redis://a.b\nservices:\n  api:\n    <<: *app\n    image: x\n";
        assert_eq!(trail(&[("docker-compose.yml", yaml)]), "y:3 → y:6 <<: *app");
        let yaml = "x-e: &env\n  REDIS_URL: redis://a.b\nservices:\n  api:\n    image: x\n    environment: *env\n";
        assert_eq!(trail(&[("docker-compose.yml", yaml)]), "y:2 → y:6 *env");
        let yaml = "x-e: &env\n  REDIS_URL: redis://a.b\nservices:\n  api:\n    image: x\n    environment:\n      <<: *env\n";
        assert_eq!(trail(&[("docker-compose.yml", yaml)]), "y:2 → y:7 <<: *env");
        let yaml = "services:\n  api:\n    extends: {service: base, file: base.yml}\n";
        let base = "services:\n  base:\n    image: x\n    environment:\n      REDIS_URL: redis://a.b\n";
        assert_eq!(trail(&[("docker-compose.yml", yaml), ("base.yml", base)]), "base.yml:5 → y:3 extends");
    }
}
