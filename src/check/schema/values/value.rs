//! Values themselves, apart from how they are written: what is read, compared and told apart.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write;

use crate::check::schema::calendar::{Form, Moment};
use crate::check::schema::values::Surroundings;
use crate::check::schema::values::address::is_address;
use crate::check::schema::values::binary::{base64_len, hex_len};
use crate::check::schema::values::duration::Duration;
use crate::check::schema::values::floating;
use crate::check::schema::values::number::Number;
use crate::check::xml::chars::{is_blank, qualified};

/// What kind of value: the primitive types of XML Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Primitive {
    Text,
    Boolean,
    Decimal,
    Float,
    Double,
    Duration,
    Moment(Form),
    Hex,
    Base64,
    Address,
    QName,
    Notation,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Text(Cow<'a, str>),
    Boolean(bool),
    Decimal(Number<'a>),
    Float(f64),
    Double(f64),
    Duration(Duration),
    Moment(Moment),
    /// Octets as hexadecimal digits, and how many they are.
    Hex(Cow<'a, str>, usize),
    /// Octets as Base64, perhaps with blanks, and how many they are.
    Base64(Cow<'a, str>, usize),
    Address(Cow<'a, str>),
    /// A namespace and a name in it.
    QName(Cow<'a, str>, Cow<'a, str>),
}

impl Primitive {
    /// Reads `text`, whose blanks are as they must be; `None` if it is no value of this kind.
    pub(crate) fn parse<'a>(
        self,
        text: &'a str,
        around: &'a dyn Surroundings,
    ) -> Option<Value<'a>> {
        match self {
            Self::Text => Some(Value::Text(Cow::Borrowed(text))),
            Self::Boolean => match text {
                "true" | "1" => Some(Value::Boolean(true)),
                "false" | "0" => Some(Value::Boolean(false)),
                _ => None,
            },
            Self::Decimal => Number::parse(text).map(Value::Decimal),
            Self::Float => floating::single(text).map(Value::Float),
            Self::Double => floating::double(text).map(Value::Double),
            Self::Duration => Duration::parse(text).map(Value::Duration),
            Self::Moment(form) => Moment::parse(form, text).map(Value::Moment),
            Self::Hex => hex_len(text).map(|len| Value::Hex(Cow::Borrowed(text), len)),
            Self::Base64 => base64_len(text).map(|len| Value::Base64(Cow::Borrowed(text), len)),
            Self::Address => is_address(text).then_some(Value::Address(Cow::Borrowed(text))),
            Self::QName | Self::Notation => {
                let (prefix, local) = qualified(text)?;
                let namespace = around.namespace(prefix)?;
                Some(Value::QName(Cow::Borrowed(namespace), Cow::Borrowed(local)))
            }
        }
    }

    /// Do values of this kind have an order?
    pub(crate) const fn is_ordered(self) -> bool {
        matches!(
            self,
            Self::Decimal | Self::Float | Self::Double | Self::Duration | Self::Moment(_)
        )
    }

    /// What a length counts; `None` if values of this kind have none.
    pub(crate) const fn unit(self) -> Option<Unit> {
        match self {
            Self::Text | Self::Address => Some(Unit::Characters),
            Self::Hex | Self::Base64 => Some(Unit::Octets),
            Self::QName | Self::Notation => Some(Unit::Nothing),
            _ => None,
        }
    }
}

/// What a length counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Characters,
    Octets,
    Items,
    /// The recommendation lets names have a length, and says that every one fits.
    Nothing,
}

impl Value<'_> {
    /// Compares two values of one kind; `None` if neither is greater and they are not equal.
    pub(crate) fn compare(&self, other: &Value<'_>) -> Option<Ordering> {
        match (self, other) {
            (Self::Decimal(one), Value::Decimal(other)) => Some(one.compare(other)),
            (Self::Float(one), Value::Float(other)) | (Self::Double(one), Value::Double(other)) => {
                floating::compare(*one, *other)
            }
            (Self::Duration(one), Value::Duration(other)) => one.compare(other),
            (Self::Moment(one), Value::Moment(other)) => one.compare(other),
            _ => None,
        }
    }

    /// How long it is.
    pub(crate) fn length(&self) -> Option<usize> {
        match self {
            Self::Text(text) | Self::Address(text) => Some(text.chars().count()),
            Self::Hex(_, octets) | Self::Base64(_, octets) => Some(*octets),
            _ => None,
        }
    }

    /// Writes a text that all forms of this value share, and no other value has.
    pub(crate) fn write_key(&self, out: &mut String) {
        // Writing to a String cannot fail.
        match self {
            Self::Text(text) => {
                out.push_str("text ");
                out.push_str(text);
            }
            Self::Boolean(is_true) => {
                let _ = write!(out, "boolean {is_true}");
            }
            Self::Decimal(number) => {
                out.push_str("decimal ");
                number.write(out);
            }
            Self::Float(number) => {
                let _ = write!(out, "float {}", floating::bits(*number));
            }
            Self::Double(number) => {
                let _ = write!(out, "double {}", floating::bits(*number));
            }
            Self::Duration(duration) => {
                out.push_str("duration ");
                duration.write(out);
            }
            Self::Moment(moment) => moment.write(out),
            Self::Hex(digits, _) => {
                out.push_str("hex ");
                out.push_str(&digits.to_ascii_lowercase());
            }
            Self::Base64(letters, _) => {
                out.push_str("base64 ");
                out.extend(
                    letters
                        .chars()
                        .filter(|letter| !u8::try_from(*letter).is_ok_and(is_blank)),
                );
            }
            Self::Address(text) => {
                out.push_str("address ");
                out.push_str(text);
            }
            Self::QName(namespace, local) => {
                let _ = write!(out, "name {{{namespace}}}{local}");
            }
        }
    }

    /// The same without a hold on the text it came from.
    pub(crate) fn into_owned(self) -> Value<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Text(text) => Value::Text(own(text)),
            Self::Boolean(is_true) => Value::Boolean(is_true),
            Self::Decimal(number) => Value::Decimal(number.into_owned()),
            Self::Float(number) => Value::Float(number),
            Self::Double(number) => Value::Double(number),
            Self::Duration(duration) => Value::Duration(duration),
            Self::Moment(moment) => Value::Moment(moment),
            Self::Hex(text, octets) => Value::Hex(own(text), octets),
            Self::Base64(text, octets) => Value::Base64(own(text), octets),
            Self::Address(text) => Value::Address(own(text)),
            Self::QName(namespace, local) => Value::QName(own(namespace), own(local)),
        }
    }
}
