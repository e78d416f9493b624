//! The form of the native API, which Calagopus reads too.

use serde_json::{Map, Value, json};

use super::{Writer, is_vacant, object};
use crate::model::Variable;

impl Writer<'_> {
    pub(super) fn native(&mut self) -> Value {
        let egg = self.egg;
        let files = self.replace_form(&egg.config.files);
        let mut root = Map::new();
        if let Some(uuid) = &egg.uuid {
            root.insert("uuid".to_owned(), json!(uuid));
        }
        root.extend(object([
            ("name", json!(egg.name)),
            ("description", json!(egg.description)),
            ("author", json!(egg.author)),
            (
                "config",
                json!({"files": files, "startup": egg.config.startup, "stop": egg.config.stop}),
            ),
            ("scripts", json!({"installation": egg.script})),
            ("startup_commands", json!(egg.startup_commands)),
            ("force_outgoing_ip", json!(egg.force_outgoing_ip)),
            ("separate_port", json!(egg.separate_port)),
            ("features", json!(egg.features)),
            ("docker_images", json!(egg.docker_images)),
            ("file_denylist", json!(egg.file_denylist)),
            ("variables", self.native_variables()),
        ]));
        for (path, there, what) in [
            ("/icon", egg.icon.is_some(), "pictures"),
            ("/tags", !egg.tags.is_empty(), "tags"),
            (
                "/update_url",
                egg.update_url.is_some(),
                "addresses of newer versions",
            ),
            (
                "/config/logs",
                egg.config.logs.values().any(|value| !is_vacant(value)),
                "places of logs",
            ),
        ] {
            if there {
                self.dropped(path, format!("The format has no {what}."));
            }
        }
        Value::Object(root)
    }

    fn native_variables(&self) -> Value {
        let variables = &self.egg.variables;
        let shown = self.egg.ordered_variables();
        // A place is mandatory here. Where the egg gives some of them only, all are counted anew.
        let all_placed = variables.iter().all(|variable| variable.order.is_some());
        let place = |variable: &Variable| {
            let rank = shown
                .iter()
                .position(|known| known.env_variable == variable.env_variable)
                .and_then(|rank| i64::try_from(rank).ok());
            variable.order.filter(|_| all_placed).or(rank)
        };
        let written = |variable: &Variable| {
            json!({
                "name": variable.name,
                "name_translations": variable.name_translations,
                "description": variable.description,
                "description_translations": variable.description_translations,
                "order": place(variable),
                "env_variable": variable.env_variable,
                "default_value": variable.default_value,
                "user_viewable": variable.user_viewable,
                "user_editable": variable.user_editable,
                "secret": variable.secret,
                "rules": variable.rules,
            })
        };
        variables.iter().map(written).collect()
    }
}
