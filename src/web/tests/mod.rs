//! Tests of the pages, asked as a browser asks, over a real store.

mod forms;
mod house;
mod joining;
mod lists;
mod office;
mod office_deeds;
mod pages;
mod people;
mod safety;
mod serving;
mod tls;
mod vehicles;
