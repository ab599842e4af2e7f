//! The folder door on real folders and a real store.
