//! Whether Redis says truthfully that it is well.

pub mod completion;
pub mod misleading_healthcheck;
pub mod missing_redis_healthcheck;
