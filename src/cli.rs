//! What is typed: commands, their answers and exit codes.
