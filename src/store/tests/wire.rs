//! What becomes of work when the wire to PostgreSQL is cut.
