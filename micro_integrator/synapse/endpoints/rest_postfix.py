"""REST_URL_POSTFIX: what was behind the path of an API or proxy goes behind the address of an endpoint. ◇"""


def joined(address: str, postfix: str) -> str:
    """Return `address` followed by `postfix`: exactly one slash between the paths, queries joined by `&`."""
    path, query_mark, query = address.partition("?")
    rest, _, more = postfix.partition("?")
    if rest:
        path = f"{path.rstrip('/')}/{rest.lstrip('/')}"
    if query and more:
        return f"{path}?{query}&{more}"
    queries = query or more
    return f"{path}?{queries}" if queries else path + query_mark
