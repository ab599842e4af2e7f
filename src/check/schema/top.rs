//! The top of schema files: what may stand there, and the compiled schema when all is done.

use std::collections::HashMap;

use sha2::{Digest, Sha256 as Digester};

use crate::check::names::QuickHash;
use crate::check::schema::build::{Builder, File, Global, NAMED};
use crate::check::schema::builtin;
use crate::check::schema::load::{Node, Reference, XSD};
use crate::check::schema::{Compiled, Kind, QName};
use crate::check::xml::namespaces::XML;
use crate::check::{RULES_VERSION, SchemaFault};
use crate::domain::receipt::Ruleset;
use crate::domain::submission::Sha256;

impl<'n> Builder<'n> {
    /// Checks what stands at the top of a file.
    pub(crate) fn check_top(&mut self, file: &'n File) {
        let root = &file.root;
        if root.name != "schema" {
            let what = "this is not a schema: its root is not xs:schema";
            self.fault(file, root, what);
            return;
        }
        let attributes = [
            "targetNamespace",
            "version",
            "elementFormDefault",
            "attributeFormDefault",
            "blockDefault",
            "finalDefault",
        ];
        let links = ["import", "include", "redefine"];
        let parts: Vec<&str> = links.iter().chain(NAMED).copied().collect();
        self.allow(file, root, &attributes, &parts);
        let at = Global { file, node: root };
        self.order(at, &[(&links, usize::MAX), (NAMED, usize::MAX)]);
        for form in ["elementFormDefault", "attributeFormDefault"] {
            self.is_qualified(at, form);
        }
        if root.attribute("targetNamespace") == Some("") {
            self.fault(file, root, "targetNamespace must not be empty");
        }
        let mut imported: Vec<&str> = vec![XSD, XML];
        for part in root
            .parts()
            .filter(|part| links.contains(&part.name.as_str()))
        {
            let at = at.at(part);
            match part.name.as_str() {
                "import" => {
                    self.allow(file, part, &["namespace", "schemaLocation"], &[]);
                    let namespace = part.attribute("namespace").unwrap_or_default();
                    if namespace == file.target {
                        let what = "xs:import of the schema's own namespace: use xs:include";
                        self.fault(file, part, what);
                    }
                    imported.push(namespace);
                }
                "include" => self.allow(file, part, &["schemaLocation"], &[]),
                _ => {
                    let parts = ["simpleType", "complexType", "group", "attributeGroup"];
                    self.allow(at.file, part, &["schemaLocation"], &parts);
                }
            }
        }
        self.check_visible(file, &imported);
    }

    /// Is the form of this attribute `qualified`?
    pub(crate) fn is_qualified(&mut self, at: Global<'n>, name: &str) -> Option<bool> {
        match at.node.attribute(name)? {
            "qualified" => Some(true),
            "unqualified" => Some(false),
            _ => {
                let what = format!("{name} must be qualified or unqualified");
                self.fault(at.file, at.node, what);
                None
            }
        }
    }

    /// Refuses references to namespaces that the file does not import.
    fn check_visible(&mut self, file: &File, imported: &[&str]) {
        let mut open: Vec<&Node> = vec![&file.root];
        while let Some(node) = open.pop() {
            // What only looks like a name is no reference.
            let is_name =
                |attribute: &str| !matches!(attribute, "value" | "default" | "fixed" | "xpath");
            let named = node
                .references
                .iter()
                .filter(|(attribute, _)| is_name(attribute));
            for (_, references) in named.filter(|_| !node.name.is_empty()) {
                for Reference { namespace, local } in references {
                    if *namespace != file.target && !imported.contains(&namespace.as_str()) {
                        let what = format!(
                            "'{local}' is of the namespace '{namespace}', which this file does not import"
                        );
                        self.fault(file, node, what);
                    }
                }
            }
            open.extend(node.parts());
        }
    }

    /// The types that a document may name by `xsi:type`.
    fn types(&mut self) -> HashMap<QName, Kind, QuickHash> {
        let mut types = HashMap::with_hasher(QuickHash);
        let named: Vec<(QName, Kind)> = self
            .numbers
            .clone()
            .into_iter()
            .filter_map(|((kind, namespace, local), number)| {
                let kind = match kind {
                    "complexType" => Kind::Complex(number),
                    "simpleType" => Kind::Simple(number),
                    _ => return None,
                };
                Some((self.qname(namespace, local), kind))
            })
            .collect();
        types.extend(named);
        let any = self.qname(XSD, "anyType");
        types.insert(any, Kind::ANY);
        for (name, number) in self.builtins.clone() {
            let name = self.qname(XSD, &name);
            types.insert(name, Kind::Simple(number));
        }
        types
    }

    /// Takes every type that XML Schema brings into use, for `xsi:type`.
    fn add_builtins(&mut self) {
        for name in builtin::names() {
            self.builtin(name);
        }
    }

    /// The compiled schema, or all that is wrong.
    pub(crate) fn finish(
        mut self,
        files: &'n [File],
        given: &[(String, Vec<u8>)],
    ) -> Result<Compiled, Vec<SchemaFault>> {
        let Some(main) = files.first() else {
            return Err(self.faults);
        };
        self.add_builtins();
        self.build_models();
        self.settle_identities();
        let types = self.types();
        let mut globals = HashMap::with_hasher(QuickHash);
        let mut roots = Vec::new();
        for ((kind, namespace, _), number) in &self.numbers {
            if *kind != "element" {
                continue;
            }
            if let Some(element) = self.elements.get(*number) {
                globals.insert(element.name, *number);
            }
            if *namespace == main.target {
                roots.push(*number);
            }
        }
        roots.sort_unstable();
        if roots.is_empty() {
            let what = "it declares no element that a document could begin with";
            self.fault(main, &main.root, what);
        }
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        self.attributes
            .sort_unstable_by(|one, other| one.key().cmp(&other.key()));
        let version = main.root.attribute("version").unwrap_or_default();
        Ok(Compiled {
            names: self.names,
            namespaces: self.namespaces,
            elements: self.elements,
            complex: self.complex,
            simple: self.simple,
            attributes: self.attributes,
            identities: self.identities,
            globals,
            types,
            roots,
            ruleset: Ruleset {
                schema: main.name.clone(),
                schema_version: version.to_owned(),
                schema_sha256: digest(given),
                rules_version: RULES_VERSION.to_owned(),
            },
        })
    }
}

/// One digest of all files: what `sha256sum *.xsd | sha256sum` prints in their folder.
fn digest(files: &[(String, Vec<u8>)]) -> String {
    let mut sorted: Vec<&(String, Vec<u8>)> = files.iter().collect();
    sorted.sort();
    let mut all = Digester::new();
    for (name, octets) in sorted {
        let one = Sha256::from_octets(&Digester::digest(octets).into());
        all.update(format!("{}  {name}\n", one.as_str()));
    }
    Sha256::from_octets(&all.finalize().into())
        .as_str()
        .to_owned()
}
