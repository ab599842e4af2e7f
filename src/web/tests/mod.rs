//! Tests of the pages, asked as a browser asks, over a real store.

mod forms;
mod house;
mod joining;
mod lists;
mod pages;
mod safety;
mod serving;
