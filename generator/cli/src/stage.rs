//! The shop that a data command works on: a deployed one, the running `serve`, or the state that
//! a `serve` left behind.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_config::BehaviorVersion;
use tuition_adapters::config::{CheckoutConfig, environment};
use tuition_adapters::{OsEntropy, Outside, SharedCatalog, Table, aws, checkout_ports};
use tuition_domain::checkout::CheckoutPorts;
use tuition_stand_ins::{Config, StandIns, SteppableClock};

use crate::arguments::{Common, Moment};
use crate::git::Git;
use crate::project;
use crate::serve::keys::LocalKeys;
use crate::serve::shop::ShopClock;
use crate::serve::state::DevFile;
use crate::serve::variables::{FarEnds, Variables};

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why the shop can't be worked on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StageError {
    /// The variables are those of another stage.
    #[error("the environment is that of stage {found:?}, not of {asked:?}")]
    Other {
        /// What `--stage` says.
        asked: String,
        /// What `TUITION_STAGE` says.
        found: String,
    },
    /// The site has mistakes, so that nobody knows what is for sale.
    #[error("the site does not build: run `tuition check`")]
    Site,
    /// Something of the machine or of the stage is not to be had.
    #[error("{0}")]
    Away(#[from] Cause),
}

/// A shop, reached as its functions reach it.
pub(crate) struct Stage {
    /// What checkout may touch.
    pub(crate) ports: CheckoutPorts,
    /// Its tables, for what checkout has no part in.
    pub(crate) table: Table,
    /// Held while the command runs.
    stand_ins: Option<StandIns>,
}

impl Stage {
    /// The shop of `--stage`: at `local` the running `serve`, found by `dev.json`, or the state
    /// folder itself; else what the environment says, in the variables of the functions.
    pub(crate) async fn open(common: &Common, state: Option<&Path>) -> Result<Self, StageError> {
        if common.stage == "local" {
            Self::local(&common.site, state).await
        } else {
            Self::deployed(&common.stage).await
        }
    }

    async fn deployed(asked: &str) -> Result<Self, StageError> {
        let found = environment("TUITION_STAGE").unwrap_or_default();
        if found != asked {
            return Err(StageError::Other {
                asked: asked.to_owned(),
                found,
            });
        }
        let config = CheckoutConfig::parse(environment).map_err(away)?;
        // As AWS's own tools find out who asks: variables, profiles, the machine's role.
        let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
        let outside = Outside::with_catalog(&config.base, aws).map_err(away)?;
        Ok(Self {
            ports: checkout_ports(&config, &outside).map_err(away)?,
            table: Table::of(&config.base, &outside),
            stand_ins: None,
        })
    }

    async fn local(site: &Path, state: Option<&Path>) -> Result<Self, StageError> {
        let state = state.map_or_else(|| site.join(".tuition"), PathBuf::from);
        let running = DevFile::of_running(&state).map_err(away)?;
        let keys = LocalKeys::load_or_make(&state).map_err(away)?;
        let (origin, ends, clock, stand_ins) = match running {
            Some(dev) => {
                let clock = SteppableClock::of_running(&state).map_err(away)?;
                (dev.origin.clone(), FarEnds::of_running(&dev), clock, None)
            }
            None => {
                let origin = "http://127.0.0.1:8080".to_owned();
                let config = Config::new(&state, &origin);
                let stand_ins = StandIns::start(config).await.map_err(away)?;
                let ends = FarEnds::of(&stand_ins);
                (origin, ends, stand_ins.clock(), Some(stand_ins))
            }
        };
        let moment = Moment {
            now: Some(clock.now()),
            drafts: true,
        };
        let options = moment.options(Some(origin.clone()));
        let (built, _) = project::load_and_build(site, &Git::default(), &options).map_err(away)?;
        let catalog = built.ok_or(StageError::Site)?.catalog;
        let variables = Variables::local(&origin, &keys, &ends).map_err(away)?;
        let config = CheckoutConfig::parse(|name| variables.lookup(name)).map_err(away)?;
        let outside = Outside {
            clock: Arc::new(ShopClock(clock)),
            entropy: Arc::new(OsEntropy),
            catalog: Arc::new(SharedCatalog::new(catalog)),
            aws: aws::made_up(),
        };
        let table = Table::of(&config.base, &outside);
        table.ensure().await.map_err(away)?;
        Ok(Self {
            ports: checkout_ports(&config, &outside).map_err(away)?,
            table,
            stand_ins,
        })
    }

    /// Lets go of it.
    pub(crate) async fn close(self) {
        if let Some(stand_ins) = self.stand_ins {
            stand_ins.shutdown().await;
        }
    }
}

fn away<E: Into<Cause>>(error: E) -> StageError {
    StageError::Away(error.into())
}
