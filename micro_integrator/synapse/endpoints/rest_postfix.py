"""REST_URL_POSTFIX: what was behind the path of an API or proxy goes behind the address of an endpoint. ◇"""


def joined(address: str, postfix: str) -> str:
    """Return `address` followed by `postfix`: exactly one slash between the paths, queries joined by `&`."""
    if "?" not in address and "?" not in postfix:
        return f"{address.rstrip('/')}/{postfix.lstrip('/')}" if postfix else address
    path, query_mark, query = address.partition("?")
    rest, _, more = postfix.partition("?")
    if rest:
        path = f"{path.rstrip('/')}/{rest.lstrip('/')}"
    queries = "&".join(part for part in (query, more) if part)
    return f"{path}?{queries}" if queries else path + query_mark
