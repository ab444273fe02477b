//! Who may call, and through which PG accounts their money goes. Loaded at start, then only read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use aws_lc_rs::digest;
use connectors::{ConfigError, Connector, Outside, PgConfig};
use payments::{AttemptState, Payment};
use store::Store;
use thiserror::Error;
use vocabulary::{Currency, Method, Mode, Money, PgAccountId, Scope, Secret};

use crate::guarded::{Guarded, Health};
use crate::{Budgets, Error as FlowError};

/// A shop as its operator set it up.
#[derive(Debug, Clone)]
pub struct ShopSetup {
    /// Short and stable: it finds the shop's data again.
    pub slug: String,
    pub name: String,
    /// `#rrggbb`, for the one coloured thing on the checkout page.
    pub accent: Option<String>,
    pub keys: Vec<KeySetup>,
    /// In the order of preference, where [`ShopSetup::preference`] says nothing.
    pub accounts: Vec<AccountSetup>,
    /// By method, the accounts to try first, by their slugs.
    pub preference: BTreeMap<Method, Vec<String>>,
}

#[derive(Debug, Clone)]
pub struct KeySetup {
    pub mode: Mode,
    pub secret_key: Secret<String>,
    pub client_key: String,
}

#[derive(Debug, Clone)]
pub struct AccountSetup {
    pub slug: String,
    pub config: PgConfig,
    /// Methods the contract covers; empty: all the connector has.
    pub methods: Vec<Method>,
    /// Where the PG's simulator takes its control calls, when the PG is one.
    pub simulator: Option<String>,
    pub budgets: Budgets,
}

#[derive(Debug, Error)]
pub enum SetupError {
    #[error("shop `{shop}`, PG account `{account}`: {problem}")]
    Account {
        shop: String,
        account: String,
        problem: ConfigError,
    },
    #[error("shop `{shop}`: the {what} is used twice")]
    Twice { shop: String, what: &'static str },
    #[error("shop `{shop}`: {what} must begin with {prefix} and have at least 24 characters more")]
    Key {
        shop: String,
        what: &'static str,
        prefix: String,
    },
    #[error(transparent)]
    Store(#[from] store::Fault),
}

/// One contract with one PG.
pub struct Account {
    pub id: PgAccountId,
    pub scope: Scope,
    pub slug: String,
    pub connector: Arc<dyn Connector>,
    pub methods: Vec<Method>,
    pub simulator: Option<String>,
    pub budgets: Budgets,
    guard: Arc<Guarded>,
}

/// One shop in one mode: what a key opens.
pub struct ShopSide {
    pub scope: Scope,
    pub slug: String,
    pub name: String,
    pub accent: Option<String>,
    pub client_key: String,
    /// In the order of the configuration.
    pub accounts: Vec<Arc<Account>>,
    /// By method, which accounts to try first.
    preference: BTreeMap<Method, Vec<PgAccountId>>,
}

/// A method as it can be offered for one payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub method: Method,
    /// Providers or kinds to choose from; empty: no choice.
    pub kinds: Vec<&'static str>,
    /// Most months of instalments, 0: none.
    pub instalment_months_max: u8,
}

#[derive(Default)]
pub struct Directory {
    sides: HashMap<Scope, Arc<ShopSide>>,
    /// By the key's hash: the keys themselves are not kept, and a look-up takes the same time
    /// whatever a guess has right.
    by_secret_key: HashMap<[u8; 32], Arc<ShopSide>>,
    by_client_key: HashMap<String, Arc<ShopSide>>,
    accounts: HashMap<PgAccountId, Arc<Account>>,
}

impl Directory {
    /// Makes the connectors and gives shops and PG accounts the ids under which their data lies.
    pub async fn load(store: &Store, setups: Vec<ShopSetup>, outside: Outside) -> Result<Directory, SetupError> {
        let mut directory = Directory::default();
        for setup in setups {
            directory.add(store, setup, &outside).await?;
        }
        Ok(directory)
    }

    async fn add(&mut self, store: &Store, setup: ShopSetup, outside: &Outside) -> Result<(), SetupError> {
        let shop = store.ensure_shop(&setup.slug).await?;
        for keys in &setup.keys {
            let scope = Scope { shop, mode: keys.mode };
            check_key(
                &setup.slug,
                "the secret key",
                &format!("sk_{}_", keys.mode),
                keys.secret_key.reveal_for("checking its form"),
            )?;
            check_key(
                &setup.slug,
                "the client key",
                &format!("ck_{}_", keys.mode),
                &keys.client_key,
            )?;
            let mut accounts = Vec::new();
            for account in setup.accounts.iter().filter(|account| account.config.mode == keys.mode) {
                let account = connect(store, scope, &setup.slug, account, outside).await?;
                self.accounts.insert(account.id, account.clone());
                accounts.push(account);
            }
            let preference = setup.preference.iter().map(|(method, slugs)| {
                let of = |slug: &String| accounts.iter().find(|account| account.slug == *slug);
                (*method, slugs.iter().filter_map(of).map(|account| account.id).collect())
            });
            let preference = preference.collect();
            let side = Arc::new(ShopSide {
                preference,
                scope,
                slug: setup.slug.clone(),
                name: setup.name.clone(),
                accent: setup.accent.clone(),
                client_key: keys.client_key.clone(),
                accounts,
            });
            let hash = hash(keys.secret_key.reveal_for("hashing it for look-ups"));
            let twice = |what| SetupError::Twice {
                shop: setup.slug.clone(),
                what,
            };
            if self.by_secret_key.insert(hash, side.clone()).is_some() {
                return Err(twice("secret key"));
            }
            if self
                .by_client_key
                .insert(keys.client_key.clone(), side.clone())
                .is_some()
            {
                return Err(twice("client key"));
            }
            if self.sides.insert(scope, side).is_some() {
                return Err(twice("mode"));
            }
        }
        Ok(())
    }

    pub fn by_secret_key(&self, key: &str) -> Option<Arc<ShopSide>> {
        self.by_secret_key.get(&hash(key)).cloned()
    }

    pub fn by_client_key(&self, key: &str) -> Option<Arc<ShopSide>> {
        self.by_client_key.get(key).cloned()
    }

    pub fn side(&self, scope: Scope) -> Option<Arc<ShopSide>> {
        self.sides.get(&scope).cloned()
    }

    pub fn account(&self, id: PgAccountId) -> Option<Arc<Account>> {
        self.accounts.get(&id).cloned()
    }

    pub fn sides(&self) -> impl Iterator<Item = &Arc<ShopSide>> {
        self.sides.values()
    }
}

impl ShopSide {
    /// The methods this payment can be paid by, in the order to offer them.
    pub fn offers(&self, payment: &Payment) -> Vec<Offer> {
        let allowed = |method: &Method| payment.terms.methods.is_empty() || payment.terms.methods.contains(method);
        let offer = |method: Method| {
            let account = self.account_to_show(method, payment).ok()?;
            let rules = account.connector.capabilities().rules(method)?;
            let instalments = rules
                .instalment_min
                .is_some_and(|min| payment.order.amount.minor >= min.minor);
            let shop_max = payment.terms.instalment_months_max.unwrap_or(u8::MAX);
            Some(Offer {
                method,
                kinds: rules.kinds.to_vec(),
                instalment_months_max: if instalments {
                    rules.instalment_months_max.min(shop_max)
                } else {
                    0
                },
            })
        };
        Method::ALL.into_iter().filter(allowed).filter_map(offer).collect()
    }

    /// The PG account a new attempt goes to: in the shop's order of preference, the first that works and has not
    /// refused this payment for a reason of its own. Where all have, the first one again.
    pub(crate) fn account_for(&self, method: Method, payment: &Payment) -> Result<&Arc<Account>, FlowError> {
        self.choose(method, payment, |account| account.guard.takes_attempt())
    }

    /// The same, for looking only.
    fn account_to_show(&self, method: Method, payment: &Payment) -> Result<&Arc<Account>, FlowError> {
        self.choose(method, payment, |account| !account.guard.shunned())
    }

    fn choose(
        &self,
        method: Method,
        payment: &Payment,
        works: impl Fn(&Account) -> bool,
    ) -> Result<&Arc<Account>, FlowError> {
        let able = self.accounts_for(method, payment.order.amount)?;
        let has_refused = |account: &Account| {
            payment.attempts.iter().any(|attempt| {
                let elsewhere = |failure: &vocabulary::Failure| failure.reason.another_pg_may_be_tried();
                attempt.pg_account == account.id
                    && attempt.method == method
                    && attempt.state == AttemptState::Declined
                    && attempt.failure.as_ref().is_some_and(elsewhere)
            })
        };
        let fresh = able.iter().find(|account| !has_refused(account) && works(account));
        let again = || able.iter().find(|account| works(account));
        let chosen = fresh.or_else(again).or(able.first()).copied();
        chosen.ok_or(FlowError::MethodUnavailable(method))
    }

    /// Those that take this method and amount, the preferred ones first; at least one, or why none does.
    pub(crate) fn accounts_for(&self, method: Method, amount: Money) -> Result<Vec<&Arc<Account>>, FlowError> {
        let mut why = FlowError::MethodUnavailable(method);
        let mut able = Vec::new();
        for account in &self.accounts {
            let Some(rules) = account.rules(method) else { continue };
            if !rules.currencies.contains(&amount.currency) {
                why = FlowError::CurrencyUnavailable {
                    method,
                    currency: amount.currency,
                };
            } else if rules.amount_min.currency == amount.currency && amount.minor < rules.amount_min.minor {
                why = FlowError::BelowMinimum {
                    method,
                    min: rules.amount_min,
                };
            } else {
                able.push(account);
            }
        }
        if able.is_empty() {
            return Err(why);
        }
        if let Some(preferred) = self.preference.get(&method) {
            let rank = |account: &&Arc<Account>| preferred.iter().position(|id| *id == account.id);
            able.sort_by_key(|account| rank(account).unwrap_or(usize::MAX));
        }
        Ok(able)
    }

    pub fn currencies(&self) -> BTreeSet<&'static str> {
        let all = self
            .accounts
            .iter()
            .flat_map(|account| account.connector.capabilities().currencies.iter());
        all.copied().map(Currency::code).collect()
    }
}

impl Account {
    pub fn health(&self) -> Health {
        self.guard.health()
    }

    /// The PG's rules for a method, if the contract covers it.
    pub fn rules(&self, method: Method) -> Option<&connectors::MethodRules> {
        let covered = self.methods.is_empty() || self.methods.contains(&method);
        self.connector.capabilities().rules(method).filter(|_| covered)
    }
}

async fn connect(
    store: &Store,
    scope: Scope,
    shop: &str,
    setup: &AccountSetup,
    outside: &Outside,
) -> Result<Arc<Account>, SetupError> {
    let connector = connectors::connect(&setup.config, outside).map_err(|problem| SetupError::Account {
        shop: shop.to_owned(),
        account: setup.slug.clone(),
        problem,
    })?;
    let guard = Arc::new(Guarded::new(
        connector,
        setup.budgets,
        outside.clock.clone(),
        format!("{shop}/{}", setup.slug),
    ));
    Ok(Arc::new(Account {
        id: store.ensure_pg_account(scope, &setup.slug, guard.pg()).await?,
        scope,
        slug: setup.slug.clone(),
        connector: guard.clone(),
        methods: setup.methods.clone(),
        simulator: setup.simulator.clone(),
        budgets: setup.budgets,
        guard,
    }))
}

fn check_key(shop: &str, what: &'static str, prefix: &str, key: &str) -> Result<(), SetupError> {
    let rest = key
        .strip_prefix(prefix)
        .filter(|rest| rest.len() >= 24 && rest.bytes().all(|byte| byte.is_ascii_graphic()));
    match rest {
        Some(_) => Ok(()),
        None => Err(SetupError::Key {
            shop: shop.to_owned(),
            what,
            prefix: prefix.to_owned(),
        }),
    }
}

fn hash(key: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, key.as_bytes()).as_ref());
    hash
}
