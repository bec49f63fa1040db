//! Images whose program has no use for Redis, whatever variables an anchor or an env file that it shares with others brings it. Names
//! as on Docker Hub and the registries that mirror it; those that real projects hand such variables stand in corpus.md §8.

use super::images::{last_part, repository};

/// Databases, and what stands before or beside them.
const STORES: [&str; 49] = [
    "postgres",
    "postgresql",
    "postgres-meta",
    "postgis",
    "timescaledb",
    "timescaledb-ha",
    "pgvector",
    "pgvecto-rs",
    "pgbouncer",
    "pgbouncer-exporter",
    "pgbackrest",
    "postgres-backup-local",
    "postgres-backup-s3",
    "pghero",
    "pgadmin4",
    "pgadmin",
    "adminer",
    "phpmyadmin",
    "mysql",
    "mysql-server",
    "mariadb",
    "percona",
    "percona-server",
    "mssql/server",
    "azure-sql-edge",
    "mongo",
    "mongodb",
    "mongodb-community-server",
    "mongo-express",
    "cassandra",
    "scylla",
    "cockroach",
    "couchdb",
    "couchbase",
    "arangodb",
    "neo4j",
    "surrealdb",
    "oceanbase-ce",
    "seekdb",
    "serenedb",
    "clickhouse",
    "clickhouse-server",
    "influxdb",
    "questdb",
    "victoria-metrics",
    "memcached",
    "etcd",
    "flyway",
    "liquibase",
];

/// Search, vectors and models.
const SEARCH: [&str; 17] = [
    "elasticsearch",
    "opensearch",
    "opensearch-dashboards",
    "kibana",
    "logstash",
    "solr",
    "meilisearch",
    "typesense",
    "qdrant",
    "weaviate",
    "chroma",
    "milvus",
    "infinity",
    "manticore",
    "text-embeddings-inference",
    "ollama",
    "immich-machine-learning",
];

/// Queues that are none of Redis, and stores of files.
const QUEUES: [&str; 17] = [
    "rabbitmq",
    "nats",
    "kafka",
    "cp-kafka",
    "kafka-ui",
    "zookeeper",
    "cp-zookeeper",
    "redpanda",
    "temporalio/auto-setup",
    "temporalio/ui",
    "minio",
    "silo",
    "mc",
    "seaweedfs",
    "localstack",
    "azurite",
    "fake-gcs-server",
];

/// Proxies, certificates and tunnels.
const PROXIES: [&str; 14] = [
    "nginx",
    "nginx-unprivileged",
    "nginx-proxy",
    "openresty",
    "httpd",
    "caddy",
    "traefik",
    "haproxy",
    "envoy",
    "varnish",
    "certbot",
    "acme-companion",
    "cloudflared",
    "docker-socket-proxy",
];

/// What watches, mends and keeps house.
const WATCHERS: [&str; 22] = [
    "prometheus",
    "alertmanager",
    "grafana",
    "loki",
    "promtail",
    "tempo",
    "jaeger",
    "zipkin",
    "node-exporter",
    "postgres-exporter",
    "postgres_exporter",
    "mysqld-exporter",
    "nginx-prometheus-exporter",
    "cadvisor",
    "fluentd",
    "fluent-bit",
    "filebeat",
    "watchtower",
    "autoheal",
    "dozzle",
    "portainer",
    "portainer-ce",
];

/// Mail for tests, sign-on, documents and browsers.
const HELPERS: [&str; 9] =
    ["mailhog", "mailpit", "maildev", "smtp4dev", "keycloak", "gotenberg", "tika", "chrome", "standalone-chrome"];

/// Parts of a larger program that are handed the variables of the parts which use them: front ends and sandboxes (by what they are for).
const PARTS: [&str; 4] = ["plane-admin", "plane-frontend", "plane-space", "sandbox-executor-manager"];

/// Whether the image's program has no use for Redis. An entry with a `/` names the end of the repository, any other its last part.
pub fn is_bystander(image: &str) -> bool {
    let last = last_part(image).to_ascii_lowercase();
    let whole = repository(image).to_ascii_lowercase();
    let is = |name: &str| name == last || (name.contains('/') && whole.ends_with(name));
    let tables: [&[&str]; 7] = [&STORES, &SEARCH, &QUEUES, &PROXIES, &WATCHERS, &HELPERS, &PARTS];
    tables.into_iter().flatten().any(|name| is(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shares_the_variables_of_others_is_no_user() {
        for image in [
            "postgres:16-alpine",
            "pgvector/pgvector:pg16",
            "quay.io/minio/minio:latest",
            "infiniflow/infinity:v0.7.3-x64-v3",
            "oceanbase/oceanbase-ce:4.4.1",
            "ghcr.io/huggingface/text-embeddings-inference:cpu-1.8",
            "mcr.microsoft.com/mssql/server:2022-latest",
            "docker.elastic.co/elasticsearch/elasticsearch:8.11.3",
            "prom/prometheus",
        ] {
            assert!(is_bystander(image), "{image}");
        }
    }

    #[test]
    fn programs_that_use_redis_are_no_bystanders() {
        for image in [
            "n8nio/n8n",
            "ghcr.io/goauthentik/server:2026.8",
            "getsentry/sentry",
            "sameersbn/gitlab",
            "gitlab/gitlab-ce",
            "nextcloud:apache",
            "ghcr.io/paperless-ngx/paperless-ngx",
            "ghcr.io/immich-app/immich-server:release",
            "makeplane/plane-backend",
            "makeplane/plane-live",
            "quay.io/oauth2-proxy/oauth2-proxy",
            "oliver006/redis_exporter",
            "rediscommander/redis-commander",
            "mher/flower",
            "penpotapp/exporter",
        ] {
            assert!(!is_bystander(image), "{image}");
        }
    }
}
