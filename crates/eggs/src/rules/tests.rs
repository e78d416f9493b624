use super::*;

/// The rules an element list breaks with a value, as written.
fn broken(rules: &[&str], value: &str, others: &[(&str, &str)]) -> Vec<String> {
    let mut values: BTreeMap<String, String> = others
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    values.insert("V".to_owned(), value.to_owned());
    RuleSet::parse(rules)
        .check("V", "The value", &values)
        .into_iter()
        .map(|violation| violation.rule)
        .collect()
}

#[track_caller]
fn passes(rules: &[&str], values: &[&str]) {
    for value in values {
        assert_eq!(
            broken(rules, value, &[]),
            Vec::<String>::new(),
            "{rules:?} with {value:?}"
        );
    }
}

#[track_caller]
fn fails(rule: &str, values: &[&str]) {
    for value in values {
        assert_eq!(broken(&[rule], value, &[]), [rule], "{value:?}");
    }
}

#[test]
fn text_rules_split_at_every_pipe() {
    assert_eq!(split("required|string|"), ["required", "string", ""]);
    assert_eq!(split("regex:/a|b/"), ["regex:/a", "b/"]);
    assert!(split("").is_empty());
}

#[test]
fn names_are_the_same_in_every_spelling() {
    for name in ["alpha_dash", "alphaDash", "Alpha-Dash", " AlphaDash "] {
        assert_eq!(broken(&[name], "a b", &[]), [name]);
    }
    passes(&["Nullable", "", "nullable:string", "string"], &["", "x"]);
    assert!(RuleSet::parse(&["Nullable"]).is_nullable());
}

#[test]
fn an_empty_value_is_not_set() {
    passes(
        &[
            "string",
            "max:1",
            "integer",
            "regex:/^x$/",
            "in:a",
            "url",
            "nullable",
            "nonsense",
        ],
        &["", "  "],
    );
    fails("required", &["", " \t"]);
    assert_eq!(broken(&["required", "nullable"], "", &[]), ["required"]);
}

#[test]
fn a_missing_value_meets_only_rules_of_presence() {
    let check = |rules: &[&str]| {
        RuleSet::parse(rules)
            .check("V", "V", &BTreeMap::new())
            .len()
    };
    assert_eq!(check(&["required"]), 1);
    assert_eq!(check(&["present"]), 1);
    assert_eq!(check(&["filled", "integer", "max:1"]), 0);
    assert_eq!(broken(&["present"], "", &[]), Vec::<String>::new());
    assert_eq!(broken(&["filled"], "", &[]), ["filled"]);
}

#[test]
fn all_rules_run_unless_bail_says_otherwise() {
    assert_eq!(
        broken(&["integer", "max:2", "in:a"], "xyz", &[]),
        ["integer", "max:2", "in:a"]
    );
    assert_eq!(
        broken(&["bail", "integer", "max:2"], "xyz", &[]),
        ["integer"]
    );
}

#[test]
fn sizes_are_numbers_beside_a_numeric_rule_and_lengths_otherwise() {
    passes(&["max:3"], &["abc", "999", "äöü"]);
    fails("max:3", &["1000", "abcd"]);
    passes(&["numeric", "max:8"], &["8", "-100", "7.9"]);
    assert_eq!(broken(&["numeric", "max:8"], "7778", &[]), ["max:8"]);
    passes(&["integer", "between:1024,65535"], &["1024", "65535"]);
    assert_eq!(
        broken(&["integer", "between:1024,65535"], "0", &[]),
        ["between:1024,65535"]
    );
    passes(&["alpha_dash", "between:1,3"], &["a-b"]);
    assert_eq!(
        broken(&["numeric", "max:3"], "word", &[]),
        ["numeric", "max:3"]
    );
    passes(&["size:2"], &["ab"]);
    assert_eq!(broken(&["int", "size:2"], "3", &[]), ["size:2"]);
    passes(&["min:2"], &["ab"]);
    fails("min:2", &["a"]);
}

#[test]
fn messages_speak_of_characters_or_of_amounts() {
    let message = |rules: &[&str], value: &str| {
        let values = BTreeMap::from([("V".to_owned(), value.to_owned())]);
        RuleSet::parse(rules).check("V", "Port", &values)[0]
            .message
            .clone()
    };
    assert_eq!(
        message(&["max:2"], "abc"),
        "Port must be at most 2 characters."
    );
    assert_eq!(
        message(&["integer", "max:2"], "3"),
        "Port must be at most 2."
    );
    assert_eq!(message(&["required"], ""), "Port must be given.");
}

#[test]
fn numbers_are_read_as_php_does() {
    passes(
        &["numeric"],
        &["1", "-1.5", "+.5", "5.", "1e3", " 12 ", "007"],
    );
    fails("numeric", &["0x1f", "1_000", "1e", ".", "abc", "1 2"]);
    passes(
        &["integer"],
        &["0", "-0", "+12", " 7 ", "9223372036854775807"],
    );
    fails(
        "integer",
        &["007", "1.0", "9223372036854775808", "1e3", "abc"],
    );
    passes(&["decimal:1,2"], &["1.5", "1.25"]);
    fails("decimal:2", &["1.5", "1", "x.55"]);
    passes(&["multiple_of:0.1"], &["0.3", "7"]);
    fails("multiple_of:5", &["7", "x"]);
    passes(&["digits:3"], &["007"]);
    fails("digits:3", &["-07", "1234"]);
    passes(&["digits_between:1,3"], &["1", "999"]);
    fails("digits_between:17,18", &["0"]);
    fails("max_digits:2", &["123", "a"]);
    fails("min_digits:2", &["1"]);
}

#[test]
fn booleans_are_zero_and_one() {
    passes(&["boolean"], &["0", "1"]);
    fails("boolean", &["true", "false", "yes", "2"]);
    passes(&["accepted"], &["yes", "on", "1", "true"]);
    fails("accepted", &["", "0", "no"]);
    passes(&["declined"], &["no", "off", "0", "false"]);
    fails("declined", &["", "1"]);
}

#[test]
fn lists_are_exact() {
    passes(&["in:,beta"], &["beta"]);
    passes(&["in:\"a,b\",c"], &["a,b", "c"]);
    passes(&["in: DefaultStart,Brutal"], &[" DefaultStart", "Brutal"]);
    fails("in: DefaultStart,Brutal", &["DefaultStart", "brutal"]);
    fails("not_in:anonymous", &["anonymous"]);
    assert_eq!(
        RuleSet::parse(&["in:a,b"]).options(),
        Some(&["a".to_owned(), "b".to_owned()][..])
    );
}

#[test]
fn letters_are_those_of_every_language() {
    passes(&["alpha"], &["äbc"]);
    fails("alpha", &["a1", "a "]);
    passes(&["alpha_num"], &["ä1"]);
    passes(&["alpha_dash"], &["a-b_1"]);
    fails("alpha_dash", &["a.b", "a b", "a\n"]);
    fails("alpha_dash:ascii", &["ä"]);
    fails("ascii", &["ä"]);
    fails("lowercase", &["Ab"]);
    fails("uppercase", &["Ab"]);
}

#[test]
fn beginnings_and_ends() {
    passes(&["starts_with:a,b", "ends_with:=="], &["abc=="]);
    fails("starts_with:a,b", &["cab"]);
    fails("ends_with:==", &["x="]);
    fails("doesnt_start_with:a", &["ab"]);
    fails("doesnt_end_with:b", &["ab"]);
}

#[test]
fn texts_of_a_known_form() {
    passes(
        &["url"],
        &[
            "https://example.com",
            "http://localhost:8080/a?b#c",
            "http://[::1]:1/",
            "ftp://10.0.0.1",
        ],
    );
    fails(
        "url",
        &[
            "example.com",
            "http://",
            "http:// x",
            "http://a:99999",
            "://x",
            "http://[zz]/",
        ],
    );
    fails("url:https", &["http://example.com"]);
    passes(&["ip"], &["192.0.2.1", "2001:db8::1"]);
    fails("ip", &["192.0.2.256", "x"]);
    fails("ipv4", &["2001:db8::1"]);
    fails("ipv6", &["192.0.2.1"]);
    passes(
        &["mac_address"],
        &["00:1b:2c:3D:4e:5f", "00-1b-2c-3d-4e-5f", "001b.2c3d.4e5f"],
    );
    fails(
        "mac_address",
        &[
            "00:1b:2c:3d:4e",
            "00:1b:2c:3d:4e:5f:6a",
            "zz:1b:2c:3d:4e:5f",
        ],
    );
    passes(&["uuid"], &["7d2f6f52-7b4c-4c55-8b64-0e7d6f1c9a10"]);
    fails("uuid", &["7d2f6f52"]);
    passes(&["hex_color"], &["#fff", "#1E90FFaa"]);
    fails("hex_color", &["fff", "#ff", "#ggg"]);
    passes(&["json"], &["{\"a\":1}", "1"]);
    fails("json", &["{a:1}"]);
    passes(&["email"], &["a.b@example.org"]);
    fails("email", &["a b@example.org", "@x", "a@", ".a@x"]);
    passes(
        &["timezone"],
        &["UTC", "Europe/Paris", "America/Argentina/Buenos_Aires"],
    );
    fails("timezone", &["Paris", "Mars/Base"]);
}

#[test]
fn dates() {
    passes(
        &["date"],
        &[
            "2030-12-31",
            "2030-12-31 23:59",
            "12/31/2030",
            "2030-12-31T10:00:00Z",
        ],
    );
    fails("date", &["2030-13-01", "soon"]);
    passes(&["date_format:Y-m-d"], &["2030-01-09"]);
    fails("date_format:Y-m-d", &["2030-1-9", "09.01.2030"]);
    passes(&["date_format:H:i"], &["07:05"]);
    fails("date_format:H:i", &["7:05", "24:00"]);
    passes(&["date_format:Y-m-d H:i:s"], &["2030-01-09 07:05:00"]);
    assert_eq!(RuleSet::parse(&["date_format:Y-z"]).unsupported().len(), 1);
}

#[test]
fn rules_may_look_at_other_variables() {
    let others = [("A", "1"), ("B", ""), ("environment", "x")];
    let check = |rule: &str, value: &str| broken(&[rule], value, &others).is_empty();
    assert!(!check("required_if:A,1", ""));
    assert!(!check("required_if:environment.A,0,1", ""));
    assert!(check("required_if:A,2", "") && check("required_if:A,1", "x"));
    assert!(!check("required_unless:A,2", "") && check("required_unless:A,1", ""));
    assert!(!check("required_if_accepted:A", "") && check("required_if_declined:A", ""));
    assert!(!check("required_with:A,B", "") && check("required_with:B", ""));
    assert!(check("required_with_all:A,B", "") && !check("required_with_all:A", ""));
    assert!(!check("required_without:B,A", "") && check("required_without:A", ""));
    assert!(check("required_without_all:A,B", "") && !check("required_without_all:B,C", ""));
    assert!(check("same:A", "1") && !check("same:A", "2"));
    assert!(check("different:A", "2") && !check("different:A", "1"));
    assert!(!check("accepted_if:A,1", "0") && check("accepted_if:A,2", "0"));
    assert!(!check("declined_if:A,1", "1"));
    assert!(check("gt:0", "1") && !check("gt:0", "0") && !check("gt:0", "x"));
    assert!(check("gte:1", "1") && check("lt:2", "1") && check("lte:1", "1"));
    assert!(broken(&["integer", "gt:A"], "2", &others).is_empty());
    assert_eq!(broken(&["integer", "gt:A"], "1", &others), ["gt:A"]);
    assert_eq!(broken(&["gt:A"], "ab", &others), Vec::<String>::new());
    assert_eq!(
        broken(&["confirmed"], "x", &[("V_confirmation", "y")]),
        ["confirmed"]
    );
    assert_eq!(
        broken(&["confirmed"], "x", &[("V_confirmation", "x")]),
        Vec::<String>::new()
    );
}

#[test]
fn patterns_keep_their_meaning() {
    passes(
        &[r"regex:/^([\w\d._-]+)(\.jar)$/"],
        &["server.jar", "a-b_1.jar", "server.jar\n"],
    );
    fails(
        r"regex:/^([\w\d._-]+)(\.jar)$/",
        &["../server.jar", "server.jar\nx", "sérver.jar"],
    );
    passes(&["regex:/b/"], &["abc"]);
    passes(&["regex:#^a/b$#i", "regex:~A~i"], &["A/B"]);
    passes(&["regex:([a-z-0-9]+$)"], &["x-9"]);
    passes(&["regex:{^a{2}$}"], &["aa"]);
    passes(&[r"regex:/^[\w-.]+$/"], &["a-b.c"]);
    passes(&[r"regex:/^[[]a]$/", r"regex:/^[]a[&&~~]+\]?/"], &["[a]"]);
    passes(&[r"regex:/^a{,3}\{x}$/"], &["a{,3}{x}"]);
    passes(&[r"regex:/^[[:alpha:]]+$/"], &["abc"]);
    passes(&[r"regex:/^\Qa.c\E$/"], &["a.c"]);
    fails(r"regex:/^\Qa.c\E$/", &["abc"]);
    fails("regex:/^a$/D", &["a\n"]);
    passes(&["regex:/b/A"], &["b"]);
    fails("regex:/b/A", &["ab"]);
    passes(&["regex:/^ä$/", "regex:/^[äö]$/", "regex:/^.$/u"], &["ä"]);
    fails("regex:/^.$/", &["ä"]);
    passes(
        &["regex:/ a b # note\n/x", r"regex:/^a b\h?[ ]?$/x"],
        &["ab"],
    );
    passes(&[r"regex:/^a\hb$/x"], &["a b", "a\tb"]);
    passes(&[r"regex:/^\<\x41\x{42}\/\p{L}$/u"], &["<AB/é"]);
    fails("not_regex:/[;]/", &["a;b"]);
}

#[test]
fn what_needs_backtracking_is_never_accepted_unchecked() {
    for (rule, word) in [
        ("regex:/^(?=a)/", "lookaheads"),
        ("regex:/^(?!a)/", "lookaheads"),
        ("regex:/(?<=a)b/", "lookbehinds"),
        ("regex:/(?<!a)b/", "lookbehinds"),
        (r"regex:/(a)\1/", "back-references"),
        ("regex:/(?>a)/", "atomic groups"),
        ("regex:/a++/", "possessive"),
        ("regex:/a*?*/", "repeats"),
        ("regex:/a{2}{3}/", "repeats"),
        ("regex:/a/q", "flag"),
        ("regex:abc", "delimiters"),
        ("regex:/abc", "end"),
        ("regex:/[a/", "class"),
        ("regex:/(a/", "not valid"),
        ("regex", "argument"),
        ("between:1", "number"),
        ("max:many", "number"),
        ("exists:users", "not known"),
    ] {
        let set = RuleSet::parse(&[rule]);
        assert_eq!(set.unsupported().len(), 1, "{rule}");
        assert!(
            set.unsupported()[0].reason.contains(word),
            "{rule}: {}",
            set.unsupported()[0].reason
        );
        let values = BTreeMap::from([("V".to_owned(), "abc".to_owned())]);
        let violations = set.check("V", "V", &values);
        assert!(violations.len() == 1 && violations[0].unsupported, "{rule}");
    }
}

#[test]
fn patterns_cannot_cost_much() {
    for pattern in [
        format!("regex:/{}/", "a{1000}".repeat(500)),
        "regex:/((a{100}){100}){100}/".to_owned(),
        format!("regex:/{}{}/", "(".repeat(200), ")".repeat(200)),
        format!("regex:/{}/", "a".repeat(10_000)),
    ] {
        assert_eq!(RuleSet::parse(&[pattern]).unsupported().len(), 1);
    }
    let text = "a".repeat(50_000);
    assert_eq!(
        broken(&["regex:/^(a+)+$/"], &format!("{text}!"), &[]),
        ["regex:/^(a+)+$/"]
    );
}

/// A file of the largest size has as many; compiling the classes of Unicode for each would take minutes.
#[test]
fn rules_on_letters_cost_little_each() {
    let rules = ["alpha", "alpha_num", "alpha_dash", "alpha:ascii"].repeat(25_000);
    assert!(RuleSet::parse(&rules).unsupported().is_empty());
}
