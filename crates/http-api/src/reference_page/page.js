"use strict";

const METHODS = ["get", "post", "put", "patch", "delete"];

function element(name, attributes, ...children) {
  const node = document.createElement(name);
  Object.assign(node, attributes);
  node.append(...children);
  return node;
}

// The shape of a schema as an example-like outline; references are followed until they come round again.
function outline(schema, all, seen = []) {
  if (!schema) return null;
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    return seen.includes(name) ? name : outline(all[name], all, [...seen, name]);
  }
  const options = schema.oneOf ?? schema.anyOf;
  if (options) {
    const real = options.filter((option) => option.type !== "null");
    return real.length === 1 ? outline(real[0], all, seen) : real.map((option) => outline(option, all, seen));
  }
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => outline(part, all, seen)));
  if (schema.properties) {
    const entries = Object.entries(schema.properties);
    return Object.fromEntries(entries.map(([key, value]) => [key, outline(value, all, seen)]));
  }
  if (schema.items) return [outline(schema.items, all, seen)];
  if (schema.enum) return schema.enum.join(" | ");
  const type = [schema.type].flat().join(" | ");
  return schema.format ? `${type} (${schema.format})` : type;
}

function body(title, content, all) {
  if (!content) return [];
  return Object.entries(content).flatMap(([type, { schema }]) => [
    element("h4", { textContent: `${title} · ${type}` }),
    element("pre", { textContent: JSON.stringify(outline(schema, all), null, 2) }),
  ]);
}

function operation(path, method, details, all) {
  const parameters = (details.parameters ?? []).map((parameter) =>
    element("li", {}, element("code", { textContent: parameter.name }), ` (${parameter.in}) ${parameter.description ?? ""}`),
  );
  const answers = Object.entries(details.responses).flatMap(([status, response]) => [
    element("h4", { textContent: `${status}: ${response.description ?? ""}` }),
    ...(status.startsWith("2") ? body("Answer", response.content, all) : []),
  ]);
  return element(
    "details",
    {},
    element(
      "summary",
      {},
      element("span", { className: "method", textContent: method.toUpperCase() }),
      element("code", { textContent: path }),
      ` ${details.summary ?? ""}`,
    ),
    element("p", { textContent: details.description ?? "" }),
    element("ul", {}, ...parameters),
    ...body("Request", details.requestBody?.content, all),
    ...answers,
  );
}

function show(document_, wanted) {
  const all = document_.components?.schemas ?? {};
  const groups = new Map();
  for (const [path, item] of Object.entries(document_.paths)) {
    for (const method of METHODS) {
      const details = item[method];
      if (!details || !`${method} ${path} ${details.summary}`.toLowerCase().includes(wanted)) continue;
      const group = details.tags?.[0] ?? "other";
      groups.set(group, [...(groups.get(group) ?? []), operation(path, method, details, all)]);
    }
  }
  const sections = [...groups].map(([group, operations]) =>
    element("section", {}, element("h2", { textContent: group }), ...operations),
  );
  document.getElementById("operations").replaceChildren(...sections);
}

fetch("/openapi.json")
  .then((response) => response.json())
  .then((document_) => {
    const filter = document.getElementById("filter");
    filter.addEventListener("input", () => show(document_, filter.value.toLowerCase()));
    show(document_, "");
  })
  .catch((error) => {
    document.getElementById("operations").textContent = `The document could not be read: ${error}`;
  });
