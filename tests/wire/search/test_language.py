"""The query language: what each query means, and what each broken one is told."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seikyu.engine.wire.errors import WireError
from seikyu.engine.wire.search.fields import NUMERIC, RESOURCES, STRING, TOKEN
from seikyu.engine.wire.search.language import Clause, Query, parse

CHARGES = RESOURCES["charge"]
CUSTOMERS = RESOURCES["customer"]
INVOICES = RESOURCES["invoice"]
INTENTS = RESOURCES["payment_intent"]
PRODUCTS = RESOURCES["product"]

USD = Clause("currency", TOKEN, ":", "usd")
EUR = Clause("currency", TOKEN, ":", "eur")
OPEN = Clause("status", STRING, ":", "open")


def token(name: str, value: str | None, *, negated: bool = False) -> Clause:
    return Clause(name, TOKEN, ":", value, negated)


@pytest.mark.parametrize(
    ("query", "clauses"),
    [
        # Stripe's own examples
        ("metadata['key']:'value'", [token("metadata.key", "value")]),
        ("-currency:'usd'", [token("currency", "usd", negated=True)]),
        ("total>1000", [Clause("total", NUMERIC, ">", 1000)]),
        (
            "metadata['key']:'value' AND currency:'usd'",
            [token("metadata.key", "value"), USD],
        ),
        ('metadata["donation-id"]:"asdf-jkl"', [token("metadata.donation-id", "asdf-jkl")]),
        ('-metadata["donation-id"]:null', [token("metadata.donation-id", None, negated=True)]),
        ('total>="10"', [Clause("total", NUMERIC, ">=", 10)]),
        # the operators
        ("total:0", [Clause("total", NUMERIC, ":", 0)]),
        ("total<-5", [Clause("total", NUMERIC, "<", -5)]),
        ("total<=10", [Clause("total", NUMERIC, "<=", 10)]),
        ("-total>10", [Clause("total", NUMERIC, ">", 10, negated=True)]),
        ("number~'ABC'", [Clause("number", STRING, "~", "abc")]),
        ("number~' a b'", [Clause("number", STRING, "~", " a b")]),
        # null
        ("subscription:null", [Clause("subscription", STRING, ":", None)]),
        ("subscription:NULL", [Clause("subscription", STRING, ":", None)]),
        ("subscription:'null'", [Clause("subscription", STRING, ":", "null")]),
        # white space, and both cases
        ("  status:'open'\n", [OPEN]),
        ("status : 'open'  currency : 'USD'", [OPEN, USD]),
        ("status:'open' and currency:'usd'", [OPEN, USD]),
        ("status:'OPEN'\tcurrency:\"Usd\"", [OPEN, USD]),
        ("metadata[ 'a b' ]:'c'", [token("metadata.a b", "c")]),
        # quotes and what is in them
        (r"number:'it\'s'", [Clause("number", STRING, ":", "it's")]),
        ("number:'say \"x\"'", [Clause("number", STRING, ":", 'say "x"')]),
        (r'number:"say \"x\""', [Clause("number", STRING, ":", 'say "x"')]),
        (r"metadata['a\\b']:'c\\'", [token("metadata.a\\b", "c\\")]),
        (r"metadata['path']:'C:\dir'", [token("metadata.path", r"c:\dir")]),
        ("metadata['and']:'a OR b'", [token("metadata.and", "a or b")]),
        ("metadata['k']:'(1)'", [token("metadata.k", "(1)")]),
        ("metadata['k']:''", None),
        # numbers need no quotes, whatever the type
        ("metadata['order']:6735", [token("metadata.order", "6735")]),
        ("customer:0042", [token("customer", "0042")]),
        # Japanese: full width counts as half width in strings, and stays what it is in tokens
        ("number:'ＡＢＣ　１'", [Clause("number", STRING, ":", "abc 1")]),
        ("metadata['会社']:'サンプル'", [token("metadata.会社", "サンプル")]),
        ("metadata['k']:'Ａ'", [token("metadata.k", "ａ")]),
    ],
)
def test_a_query_is_read_as_its_clauses(query: str, clauses: list[Clause] | None) -> None:
    if clauses is None:
        with pytest.raises(WireError, match="the value is empty"):
            parse(query, INVOICES)
    else:
        assert parse(query, INVOICES) == Query(tuple(clauses))


@pytest.mark.parametrize("word", ["OR", "or", "Or"])
def test_or_asks_for_any_of_the_clauses(word: str) -> None:
    query = f"currency:'usd' {word} currency:'eur' {word} status:'open'"
    assert parse(query, INVOICES) == Query((USD, EUR, OPEN), any_of=True)


def test_ten_clauses_are_read() -> None:
    query = " OR ".join(f"total:{number}" for number in range(10))
    assert [clause.value for clause in parse(query, INVOICES).clauses] == list(range(10))


@pytest.mark.parametrize(
    ("resource", "query"),
    [
        (CHARGES, "payment_method_details.card.last4:4242"),
        (CHARGES, "payment_method_details.interac_present.exp_year:2022"),
        (CHARGES, "billing_details.address.postal_code:12345"),
        (CHARGES, "refunded:null"),
        (CHARGES, 'disputed:"TRUE"'),
        (CUSTOMERS, 'phone:"+19999999999"'),
        (INVOICES, "last_finalization_error_code:'customer_tax_location_invalid'"),
        (PRODUCTS, r'description:"the story called \"The Sky and the Sea.\""'),
        (PRODUCTS, 'url~"/dinosaur_swag" shippable:"true" active:"true" name~"amy"'),
        (RESOURCES["price"], "lookup_key:'standard_monthly' product:'prod_123' type:'recurring'"),
        (RESOURCES["subscription"], "status:'active' canceled_at:null created>1620310503"),
    ],
)
def test_every_resource_has_stripes_fields(resource: object, query: str) -> None:
    assert parse(query, resource).clauses  # type: ignore[arg-type]


KNOWN = "; there are :, ~, >, <, >= and <=, and a - before the field negates"
MIXED = "AND and OR cannot be used in the same query; a space between two clauses is an AND"
WHOLE = "1, at character 1: "
"""The first clause, which is all of the query."""

BROKEN = [
    # nothing there, or nothing finished
    ("   ", "the query is empty", None),
    ("asdf", "no operator follows asdf", WHOLE),
    ("status", "no operator follows status", WHOLE),
    ("status 'open'", "no operator follows status", WHOLE),
    ("status:", "no value follows status", WHOLE),
    ("total>  ", "no value follows total", "1, at character 1: total>"),
    (":'open'", "it does not begin with the name of a field", WHOLE),
    ("'open'", "it does not begin with the name of a field", WHOLE),
    ("$x:'open'", "it does not begin with the name of a field", WHOLE),
    ("請求:'open'", "it does not begin with the name of a field", WHOLE),
    # quotes
    ("status:open", "a text must be in quotes: open is in none", WHOLE),
    ("status:'open", "the value begins with ' and does not end with one", WHOLE),
    ("status:\"open'", 'the value begins with " and does not end with one', WHOLE),
    ("status:'open\\'", "the value begins with ' and does not end with one", WHOLE),
    ("status:“open”", "quotes must be straight: ' or \"", WHOLE),
    ("customer:1.5", "a text must be in quotes: 1.5 is in none", WHOLE),
    ("status:true", "a text must be in quotes: true is in none", WHOLE),
    # operators
    ("total=10", "= is not an operator" + KNOWN, WHOLE),
    ("total==10", "== is not an operator" + KNOWN, WHOLE),
    ("status!='open'", "!= is not an operator" + KNOWN, WHOLE),
    ("total=>10", "=> is not an operator" + KNOWN, WHOLE),
    ("total<>10", "<> is not an operator" + KNOWN, WHOLE),
    (
        "status>'open'",
        "> cannot be used on status, which is a string field and takes one of : or ~",
        WHOLE,
    ),
    (
        "currency~'usd'",
        "~ cannot be used on currency, which is a token field and takes only :",
        WHOLE,
    ),
    (
        "total~100",
        "~ cannot be used on total, which is a numeric field and takes one of :, >, <, >=, or <=",
        WHOLE,
    ),
    (
        "metadata['a']~'bcd'",
        '~ cannot be used on metadata["a"], which is a token field and takes only :',
        WHOLE,
    ),
    (
        "metadata['a']>5",
        '> cannot be used on metadata["a"], which is a token field and takes only :',
        WHOLE,
    ),
    # values
    ("status:''", "the value is empty; absence is asked for with null", WHOLE),
    ("status:'  '", "the value is empty; absence is asked for with null", WHOLE),
    ("number~'ab'", "~ needs a part of at least 3 characters", WHOLE),
    ("number~'a   '", "~ needs a part of at least 3 characters", WHOLE),
    ("number~null", "null can be asked for with : only, not with ~", WHOLE),
    ("total>null", "null can be asked for with : only, not with >", WHOLE),
    ("total:'ten'", "'ten' is not a whole number", WHOLE),
    ("total>10.5", "'10.5' is not a whole number", WHOLE),
    ("total>'１０'", "'１０' is not a whole number", WHOLE),
    (
        "total>9223372036854775808",
        "9223372036854775808 has more digits than any number that is stored",
        WHOLE,
    ),
    ("total>99999999999999999999", "'99999999999999999999' is not a whole number", WHOLE),
    ("total>yen", "a text must be in quotes: yen is in none", WHOLE),
    # metadata
    ("metadata:'x'", 'metadata needs a key in square brackets, as in metadata["key"]', WHOLE),
    ("metadata[key]:'x'", "the key in square brackets must be in quotes", WHOLE),
    ("metadata['key':'x'", "a ] is missing after the key", WHOLE),
    ("metadata['key]:1", "the key begins with ' and does not end with one", WHOLE),
    ("metadata['']:'x'", "the key is empty", WHOLE),
    ("metadata[]:'x'", "the key in square brackets must be in quotes", WHOLE),
    ("status['a']:'x'", "only metadata takes a key in square brackets", WHOLE),
    # negation
    (
        "- status:'open'",
        "a - must stand directly before the field that it negates",
        "1, at character 1: -",
    ),
    ("--status:'open'", "a - must stand directly before the field that it negates", WHOLE),
    ("-", "a - must stand directly before the field that it negates", WHOLE),
    ("not status:'open'", "no operator follows not", WHOLE),
    # several clauses
    ("AND status:'open'", "it begins with AND, and nothing stands before that", None),
    ("or status:'open'", "it begins with or, and nothing stands before that", None),
    ("status:'open' AND", "nothing follows the AND after it", WHOLE),
    (
        "status:'open' OR  ",
        "nothing follows the OR after it",
        "1, at character 1: status:'open' OR",
    ),
    (
        "status:'open' AND AND total:1",
        "AND and AND follow it without a clause between them",
        "1, at character 1: status:'open' AND AND",
    ),
    ("status:'open'total:1", "there must be a space between it and the next clause", WHOLE),
    (
        "status:'open'OR total:1",
        "there must be a space before OR",
        "1, at character 1: status:'open'OR",
    ),
    ("total:1 AND total:2 OR total:3", MIXED, "2, at character 13: total:2 OR total:3"),
    ("total:1 OR total:2 total:3", MIXED, "2, at character 12: total:2 total:3"),
    ("total:1 total:2 OR total:3", MIXED, "2, at character 9: total:2 OR total:3"),
    (" ".join(["total:1"] * 11), "it has more than 10 clauses", None),
    # parentheses, and what is none of this
    ("(status:'open')", "parentheses are not supported", WHOLE),
    ("status:('open')", "parentheses are not supported", WHOLE),
    ("total:1 (total:2)", "parentheses are not supported", "2, at character 9: (total:2)"),
    ("total:1 & total:2", "it does not begin with the name of a field", "2, at character 9: &"),
    ("total:1, total:2", "a text must be in quotes: 1, is in none", "1, at character 1: total:1,"),
    ("status:*", "a text must be in quotes: * is in none", WHOLE),
]


@pytest.mark.parametrize(("query", "why", "place"), BROKEN)
def test_a_broken_query_is_told_which_clause_and_why(
    query: str, why: str, place: str | None
) -> None:
    with pytest.raises(WireError) as refusal:
        parse(query, INVOICES)
    assert refusal.value.status == 400
    assert refusal.value.type == "invalid_request_error"
    assert refusal.value.param == "query"
    shown = "" if place is None else f" (clause {place + query if place == WHOLE else place})"
    assert refusal.value.message == (
        f"We were unable to parse your search query: {why}{shown}. Try using the format "
        '`metadata["key"]:"value"` to query for metadata or key:"value" to query for other fields.'
    )


def test_there_are_enough_broken_queries() -> None:
    assert len({query for query, _, _ in BROKEN}) == len(BROKEN) >= 60


def test_a_field_that_the_resource_does_not_have_is_named_with_those_it_has() -> None:
    with pytest.raises(WireError) as refusal:
        parse("name:'a' total>5", CUSTOMERS)
    assert refusal.value.message == (
        "Field `total` is an unsupported search field for resource `customers` (clause 2, at "
        "character 10: total>5). Supported fields: created, email, name, phone, metadata."
    )
    assert refusal.value.param == "query"


def test_a_flag_is_true_false_or_null() -> None:
    with pytest.raises(WireError, match="active must be one of true or false, or null"):
        parse("active:'yes'", PRODUCTS)


WHOLE_QUERY = (
    "We were unable to parse your search query: the query is empty.",
    "We were unable to parse your search query: it begins with ",
)
"""What is said of no clause."""

PIECES = [
    *("status", "total", "metadata", "['k']", "[", "]", ":", "~", ">", ">=", "=", "-", "null"),
    *("'a b c'", '"x"', "'", '"', "\\", "10", "1e5", "AND", "or", " ", "(", ")", "\x00"),
]


@settings(max_examples=1000)
@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(PIECES),
        max_size=12,
    ).map("".join)
)
@example("status:'")
@example("-" * 60)
@example("metadata")
@example("metadata['")
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    try:
        query = parse(text, INVOICES)
    except WireError as refusal:
        assert refusal.status == 400
        assert refusal.param == "query"
        assert "clause" in refusal.message or refusal.message.startswith(WHOLE_QUERY)
    else:
        assert 1 <= len(query.clauses) <= 10
