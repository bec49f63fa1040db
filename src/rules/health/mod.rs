//! Whether Redis says truthfully that it is well.

pub mod broken_healthcheck;
pub mod completion;
pub mod healthcheck_without_password;
pub mod misleading_healthcheck;
pub mod missing_redis_healthcheck;
pub mod password_in_healthcheck;
pub mod repair;
pub mod slow_healthcheck;
