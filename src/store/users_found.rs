//! Users found by a part of their name or address: what staff look through.

use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::domain::account::{AccountCode, AccountId, Role, User};
use crate::store::connection::{Db, each};
use crate::store::rows::{clean, count, fit};
use crate::store::schema::{accounts, users};
use crate::store::users::UserRow;
use crate::store::{Store, StoreFault};

diesel::define_sql_function! {
    /// The text in lower case (of ASCII letters, on SQLite).
    fn lower(text: Text) -> Text;
}

diesel::define_sql_function! {
    /// The text with one text for another; as it is if that is empty.
    fn replace(text: Text, from: Text, to: Text) -> Text;
}

/// The most users of one page.
const PAGE_MAX: u32 = 500;

/// Which users are looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserSearch {
    /// A part of the log-in name, mail address or full name; empty for any.
    pub part: String,
    /// Only users of this account.
    pub account: Option<AccountId>,
    /// Only the authority's own people.
    pub staff_only: bool,
    /// Users to pass over.
    pub offset: u32,
    /// Users to give, at most 500.
    pub limit: u32,
}

/// A user, and of which account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundUser {
    /// The user.
    pub user: User,
    /// Its account's code and name; `None` for staff.
    pub account: Option<(AccountCode, String)>,
}

/// A page of users.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserPage {
    /// By log-in name.
    pub users: Vec<FoundUser>,
    /// How many there are in all.
    pub total: u64,
}

/// So many capitals outside ASCII are found as small letters too; what is typed has seldom two.
const CAPITALS: usize = 6;

/// A capital outside ASCII with its small letter, or two empty texts.
type Capital = (String, String);

/// The pattern that finds `part` anywhere, whatever it holds, and the capitals that must become small
/// before: what the engines call lower leaves all but A to Z alone.
fn pattern(part: &str) -> Option<(String, [Capital; CAPITALS])> {
    let (part, capitals) = small(&clean(part.trim()));
    if part.is_empty() {
        return None;
    }
    let mut pattern = String::from("%");
    for letter in part.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    Some((pattern, capitals))
}

/// In small letters, and which capitals those outside ASCII have.
fn small(text: &str) -> (String, [Capital; CAPITALS]) {
    let mut capitals: [Capital; CAPITALS] = Default::default();
    let mut free = capitals.iter_mut();
    let mut known = String::new();
    let mut smalls = String::new();
    for letter in text.chars() {
        let small = one(letter.to_lowercase()).unwrap_or(letter);
        let capital = one(small.to_uppercase()).unwrap_or(small);
        if letter.is_ascii() || small == capital || known.contains(small) {
            smalls.push(small);
        } else if let Some(place) = free.next() {
            *place = (capital.into(), small.into());
            known.push(small);
            smalls.push(small);
        } else {
            smalls.push(letter);
        }
    }
    (smalls, capitals)
}

/// The letter, if there is one alone.
fn one(mut letters: impl Iterator<Item = char>) -> Option<char> {
    let letter = letters.next()?;
    letters.next().is_none().then_some(letter)
}

/// A column in small letters. A macro, because each expression is a type of its own.
macro_rules! lowered {
    ($column:expr, $capitals:expr) => {{
        let [a, b, c, d, e, f] = $capitals.clone();
        let text = replace(replace(replace($column, a.0, a.1), b.0, b.1), c.0, c.1);
        lower(replace(
            replace(replace(text, d.0, d.1), e.0, e.1),
            f.0,
            f.1,
        ))
    }};
}

/// Lets through who is looked for. A macro, because each engine's query is a type of its own.
macro_rules! narrowed {
    ($query:expr, $search:expr, $pattern:expr) => {{
        let mut query = $query;
        if let Some(account) = $search.account {
            query = query.filter(users::account_id.eq(account.0));
        }
        if $search.staff_only {
            let staff = [Role::Reviewer.as_str(), Role::Operator.as_str()];
            query = query.filter(users::role.eq_any(staff));
        }
        if let Some((pattern, capitals)) = &$pattern {
            query = query.filter(
                users::login
                    .like(pattern)
                    .escape('\\')
                    .or(lowered!(users::display_name, capitals)
                        .like(pattern)
                        .escape('\\')),
            );
        }
        query
    }};
}

fn find(db: &mut Db, search: &UserSearch) -> QueryResult<UserPage> {
    let pattern = pattern(&search.part);
    let (limit, offset) = (
        i64::from(search.limit.min(PAGE_MAX)),
        i64::from(search.offset),
    );
    let rows: Vec<(UserRow, Option<(String, String)>)> = each!(db, c => {
        let query = users::table
            .left_join(accounts::table)
            .select((UserRow::as_select(), (accounts::code, accounts::name).nullable()))
            .into_boxed();
        narrowed!(query, search, pattern)
            .order(users::login)
            .limit(limit)
            .offset(offset)
            .load(c)
    })?;
    let total: i64 = each!(db, c => {
        let query = users::table.count().into_boxed();
        narrowed!(query, search, pattern).get_result(c)
    })?;
    let users: QueryResult<Vec<FoundUser>> = rows
        .into_iter()
        .map(|(row, account)| {
            let account = match account {
                Some((code, name)) => Some((fit(AccountCode::new(&code))?, name)),
                None => None,
            };
            Ok(FoundUser {
                user: row.into_user()?,
                account,
            })
        })
        .collect();
    Ok(UserPage {
        users: users?,
        total: count(total)?,
    })
}

impl Store {
    /// Users by a part of their name or address.
    pub async fn find_users(&self, search: &UserSearch) -> Result<UserPage, StoreFault> {
        let search = search.clone();
        self.read(move |db| find(db, &search)).await
    }
}
