//! Every type and facet.
