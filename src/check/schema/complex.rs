//! Compiles complex types and elements: attributes, content models, simple content.

use crate::check::schema::build::{Builder, File, Global};
use crate::check::schema::load::{Node, XSD};
use crate::check::schema::model::{AnyOf, Model, Occurring, Particle, Wildcard};
use crate::check::schema::{ALL_MAX, All, AttributeUse, Complex, Content, Element, Kind, QName};

impl<'n> Builder<'n> {
    /// The type of an element: named, or inside it.
    pub(crate) fn kind_of(&mut self, global: Global<'n>) -> Kind {
        let Global { file, node } = global;
        let inline = node
            .parts()
            .find(|part| matches!(part.name.as_str(), "simpleType" | "complexType"));
        match (node.reference("type"), inline) {
            (Some(reference), None) => {
                if reference.namespace != XSD
                    && let Some(number) = self.number("complexType", reference)
                {
                    return Kind::Complex(number);
                }
                Kind::Simple(self.simple_by_reference(global, reference))
            }
            (None, Some(inline)) if inline.name == "complexType" => {
                let inside = Global { file, node: inline };
                let complex = self.complex_type(inside, &["mixed"]);
                self.complex.push(complex);
                Kind::Complex(self.complex.len() - 1)
            }
            (None, Some(inline)) => {
                Kind::Simple(self.simple_type(Global { file, node: inline }, &[]))
            }
            _ => {
                self.fault(file, node, "an element must have one type");
                Kind::Simple(self.any_text())
            }
        }
    }

    /// Compiles an `xs:complexType`.
    pub(crate) fn complex_type(&mut self, global: Global<'n>, attributes: &[&str]) -> Complex {
        let Global { file, node } = global;
        let parts = ["all", "sequence", "choice", "simpleContent", "attribute"];
        self.allow(file, node, attributes, &parts);
        let is_mixed = match node.attribute("mixed") {
            Some("true" | "1") => true,
            None | Some("false" | "0") => false,
            Some(_) => {
                self.fault(file, node, "mixed must be true or false");
                false
            }
        };
        let mut models = node.parts().filter(|part| part.name != "attribute");
        let model = models.next();
        if models.next().is_some() {
            self.fault(file, node, "xs:complexType must hold one content model");
        }
        if let Some(simple) = model.filter(|model| model.name == "simpleContent") {
            if is_mixed {
                self.fault(file, node, "mixed content with simpleContent");
            }
            return self.simple_content(Global { file, node: simple });
        }
        let content = model.map_or(Content::Empty, |model| {
            self.content(Global { file, node: model })
        });
        Complex {
            attributes: self.attributes(global),
            content,
            is_mixed,
        }
    }

    fn simple_content(&mut self, global: Global<'n>) -> Complex {
        let Global { file, node } = global;
        self.allow(file, node, &[], &["extension"]);
        let Some(extension) = node.parts().next() else {
            self.fault(file, node, "xs:simpleContent must hold an extension");
            return Complex::default();
        };
        self.allow(file, extension, &["base"], &["attribute"]);
        let inside = Global {
            file,
            node: extension,
        };
        let number = if let Some(base) = extension.reference("base") {
            self.simple_by_reference(inside, base)
        } else {
            self.fault(file, extension, "xs:extension without a base");
            self.any_text()
        };
        Complex {
            attributes: self.attributes(inside),
            content: Content::Simple(number),
            is_mixed: false,
        }
    }

    fn attributes(&mut self, global: Global<'n>) -> Vec<AttributeUse> {
        let Global { file, node } = global;
        let mut uses: Vec<AttributeUse> = Vec::new();
        for part in node.parts().filter(|part| part.name == "attribute") {
            self.allow(file, part, &["name", "type", "use"], &["simpleType"]);
            let Some(name) = part.attribute("name") else {
                self.fault(file, part, "xs:attribute without a name");
                continue;
            };
            let at = Global { file, node: part };
            let inline = part.parts().find(|inside| inside.name == "simpleType");
            let kind = match (part.reference("type"), inline) {
                (Some(reference), None) => self.simple_by_reference(at, reference),
                (None, Some(inline)) => self.simple_type(Global { file, node: inline }, &[]),
                _ => {
                    self.fault(file, part, "xs:attribute must have one type");
                    continue;
                }
            };
            let is_required = match part.attribute("use") {
                None | Some("optional") => false,
                Some("required") => true,
                Some("prohibited") => continue,
                Some(other) => {
                    self.fault(file, part, format!("use cannot be '{other}'"));
                    continue;
                }
            };
            if uses.iter().any(|known| *known.name == *name) {
                self.fault(file, part, format!("a second attribute '{name}'"));
            }
            uses.push(AttributeUse {
                name: name.into(),
                kind,
                is_required,
            });
        }
        uses
    }

    fn content(&mut self, global: Global<'n>) -> Content {
        if global.node.name == "all" {
            return Content::All(self.all(global));
        }
        let whole = self.particle(global);
        match Model::new(&whole) {
            Ok(model) => {
                self.check_consistent(global, &model);
                Content::Model(model)
            }
            Err(what) => {
                self.fault(global.file, global.node, format!("{what} is not supported"));
                Content::Empty
            }
        }
    }

    /// One name in one model must mean one type.
    fn check_consistent(&mut self, global: Global<'n>, model: &Model) {
        let mut seen: Vec<(QName, Kind)> = Vec::new();
        for (name, element) in model.elements() {
            let Some(kind) = self.elements.get(element).map(|element| element.kind) else {
                continue;
            };
            match seen.iter().find(|(known, _)| *known == name) {
                Some((_, known)) if *known != kind => {
                    let what = "one name stands for two types in a content model";
                    self.fault(global.file, global.node, what);
                    return;
                }
                Some(_) => {}
                None => seen.push((name, kind)),
            }
        }
    }

    fn all(&mut self, global: Global<'n>) -> All {
        let Global { file, node } = global;
        self.allow(file, node, &["minOccurs", "maxOccurs"], &["element"]);
        let (least, most) = self.occurs(file, node);
        if most != Some(1) {
            self.fault(file, node, "maxOccurs of xs:all must be 1");
        }
        let mut members = Vec::new();
        for part in node.parts().filter(|part| part.name == "element") {
            let at = Global { file, node: part };
            let (least, most) = self.occurs(file, part);
            if most != Some(1) {
                self.fault(file, part, "maxOccurs in xs:all must be 1");
            }
            if let Some((name, number)) = self.local_element(at) {
                members.push((name, number, least == 1));
            }
        }
        if members.len() > ALL_MAX {
            let what = format!("xs:all with more than {ALL_MAX} members is not supported");
            self.fault(file, node, what);
        }
        members.sort_unstable_by_key(|(name, ..)| *name);
        if members
            .windows(2)
            .any(|pair| matches!(pair, [(one, ..), (other, ..)] if one == other))
        {
            self.fault(file, node, "one name stands twice in xs:all");
        }
        let required = members
            .iter()
            .take(ALL_MAX)
            .enumerate()
            .filter(|(_, (.., is_required))| *is_required)
            .fold(0_u128, |bits, (index, _)| bits | (1 << index));
        All {
            members: members
                .into_iter()
                .map(|(name, number, _)| (name, number))
                .collect(),
            required,
            is_optional: least == 0,
        }
    }

    fn particle(&mut self, global: Global<'n>) -> Occurring {
        let Global { file, node } = global;
        let (least, most) = self.occurs(file, node);
        let particle = match node.name.as_str() {
            "element" => match self.local_element(global) {
                Some((name, number)) => Particle::Element(name, number),
                None => Particle::Sequence(Vec::new()),
            },
            "any" => Particle::Any(self.wildcard(global)),
            _ => {
                let parts = ["element", "any", "sequence", "choice"];
                self.allow(file, node, &["minOccurs", "maxOccurs"], &parts);
                let inside = node
                    .parts()
                    .map(|part| self.particle(Global { file, node: part }))
                    .collect();
                if node.name == "choice" {
                    Particle::Choice(inside)
                } else {
                    Particle::Sequence(inside)
                }
            }
        };
        Occurring {
            particle,
            least,
            most,
        }
    }

    fn wildcard(&mut self, global: Global<'n>) -> Wildcard {
        let Global { file, node } = global;
        let attributes = ["namespace", "processContents", "minOccurs", "maxOccurs"];
        self.allow(file, node, &attributes, &[]);
        let is_lax = match node.attribute("processContents") {
            Some("lax") => true,
            Some("skip") => false,
            _ => {
                let what = "processContents must be lax or skip; strict is not supported";
                self.fault(file, node, what);
                false
            }
        };
        let target = self.namespace(&file.target);
        let namespaces = match node.attribute("namespace").unwrap_or("##any").trim() {
            "##any" => AnyOf::All,
            "##other" => AnyOf::Other(target),
            list => AnyOf::Listed(
                list.split_whitespace()
                    .map(|uri| match uri {
                        "##targetNamespace" => target,
                        "##local" => 0,
                        uri => self.namespace(uri),
                    })
                    .collect(),
            ),
        };
        Wildcard { namespaces, is_lax }
    }

    /// Name and number of an element in a content model.
    fn local_element(&mut self, global: Global<'n>) -> Option<(QName, usize)> {
        let Global { file, node } = global;
        if let Some(reference) = node.reference("ref") {
            self.allow(file, node, &["ref", "minOccurs", "maxOccurs"], &[]);
            let Some(number) = self.number("element", reference) else {
                let what = format!("there is no element '{}'", reference.local);
                self.fault(file, node, what);
                return None;
            };
            let name = self.qname(&reference.namespace, &reference.local);
            return Some((name, number));
        }
        let attributes = ["name", "type", "form", "minOccurs", "maxOccurs"];
        self.allow(file, node, &attributes, &["simpleType", "complexType"]);
        let Some(local) = node.attribute("name") else {
            self.fault(file, node, "xs:element without a name");
            return None;
        };
        let form = node
            .attribute("form")
            .or_else(|| file.root.attribute("elementFormDefault"));
        let namespace = if form == Some("qualified") {
            file.target.as_str()
        } else {
            ""
        };
        let name = self.qname(namespace, local);
        let kind = self.kind_of(global);
        self.elements.push(Element {
            name,
            kind,
            about: node.documentation().into(),
        });
        Some((name, self.elements.len() - 1))
    }

    fn occurs(&mut self, file: &File, node: &Node) -> (u32, Option<u32>) {
        let least = node.attribute("minOccurs").unwrap_or("1").parse::<u32>();
        let most = match node.attribute("maxOccurs").unwrap_or("1") {
            "unbounded" => Ok(None),
            number => number.parse::<u32>().map(Some),
        };
        match (least, most) {
            (Ok(least), Ok(most)) if most.is_none_or(|most| least <= most) => (least, most),
            _ => {
                self.fault(file, node, "minOccurs and maxOccurs do not fit");
                (1, Some(1))
            }
        }
    }
}
