//! Wires the rooms together, starts them in order, stops them in order.
