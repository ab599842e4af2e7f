//! Tests of the pages, asked as a browser asks, over a real store.

mod files;
mod files_limits;
mod files_rights;
mod forms;
mod guide;
mod house;
mod joining;
mod leads;
mod lists;
mod office;
mod office_deeds;
mod pages;
mod parcel;
mod people;
mod rights;
mod safety;
mod serving;
mod shown_terms;
mod things;
mod tls;
mod unsent;
mod vehicles;
