//! Suites that others wrote. They are fetched into `target/suites`, and never become part of the
//! project.

mod xmlconf;
