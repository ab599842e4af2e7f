//! What each role may do: the one table that every page and command asks.

use crate::access::Guest;
use crate::domain::account::Role;

/// Something that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Look submissions and vehicles up: those of one's own account, staff those of all.
    ViewSubmissions,
    /// Hand in files for one's account.
    Upload,
    /// Invite users of one's account, give them roles, take their access away.
    ManageUsers,
    /// Enable machine users of one's account and their keys, and declare for them.
    ManageMachines,
    /// Decide on requests for an account.
    Review,
    /// Run the service: accounts, users, held submissions, outbox, terms, audit log.
    Operate,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 6] = [
        Self::ViewSubmissions,
        Self::Upload,
        Self::ManageUsers,
        Self::ManageMachines,
        Self::Review,
        Self::Operate,
    ];
}

/// The rights of a role.
const fn rights(role: Role) -> &'static [Right] {
    match role {
        Role::Primary => &[
            Right::ViewSubmissions,
            Right::Upload,
            Right::ManageUsers,
            Right::ManageMachines,
        ],
        Role::Upload => &[Right::ViewSubmissions, Right::Upload, Right::ManageMachines],
        Role::View => &[Right::ViewSubmissions],
        Role::Reviewer => &[Right::ViewSubmissions, Right::Review],
        Role::Operator => &[Right::ViewSubmissions, Right::Review, Right::Operate],
        Role::None => &[],
    }
}

impl Guest {
    /// May the guest do that? A role of manufacturers counts for nothing without an account, and
    /// one of staff for nothing with one.
    pub fn may(&self, right: Right) -> bool {
        self.user.role.is_staff() == self.account.is_none()
            && rights(self.user.role).contains(&right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_staff_decide_and_only_manufacturers_upload() {
        for role in Role::ALL.iter().copied() {
            let may = |right| rights(role).contains(&right);
            let manages = Right::ALL.into_iter().filter(|right| {
                matches!(
                    right,
                    Right::Upload | Right::ManageUsers | Right::ManageMachines
                )
            });
            for right in manages {
                assert!(!(role.is_staff() && may(right)), "{role}: {right:?}");
            }
            assert_eq!(may(Right::Upload), role.may_upload(), "{role}");
            assert!(role.is_staff() || !(may(Right::Review) || may(Right::Operate)));
            assert_eq!(may(Right::ViewSubmissions), role != Role::None, "{role}");
        }
    }
}
