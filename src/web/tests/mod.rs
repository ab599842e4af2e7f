//! Tests of the pages, asked as a browser asks, over a real store.

mod files;
mod files_limits;
mod forms;
mod house;
mod joining;
mod lists;
mod office;
mod office_deeds;
mod pages;
mod people;
mod parcel;
mod safety;
mod serving;
mod tls;
mod vehicles;
