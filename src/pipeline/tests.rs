//! The flow from arrival to receipt, on a real store.
