import type { Translate } from "@/i18n";
import type { RuleProblem } from "@/lib/rules";
import { m } from "./messages";

/** What is wrong with the value of an egg variable, in words. */
export function ruleText(t: Translate, problem: RuleProblem): string {
  switch (problem.kind) {
    case "required":
      return t(m.required);
    case "integer":
      return t(m.integer);
    case "numeric":
      return t(m.numeric);
    case "boolean":
      return t(m.boolean);
    case "pattern":
      return t(m.pattern);
    case "alpha_dash":
      return t(m.alphaDash);
    case "alpha_num":
      return t(m.alphaNum);
    case "url":
      return t(m.url);
    case "digits":
      return t(m.digits);
    case "in":
      return t(m.oneOf, { options: problem.options.join(", ") });
    case "min":
      return t(problem.text ? m.minText : m.min, { bound: problem.bound });
    case "max":
      return t(problem.text ? m.maxText : m.max, { bound: problem.bound });
    case "size":
      return t(problem.text ? m.sizeText : m.size, { bound: problem.bound });
    case "between":
      return t(problem.text ? m.betweenText : m.between, { low: problem.low, high: problem.high });
  }
}
