//! Where files come in: each door knows a protocol, and nothing of SQL or XML.
