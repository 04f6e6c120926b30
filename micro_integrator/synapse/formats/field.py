"""A field of a form as an element: called like the field, or <part name="..."> when no element can have its name."""

from lxml import etree

UNNAMED = "part"


def add_field(root: etree._Element, name: str) -> etree._Element:
    """Append the element of the field `name` to `root`, and return it."""
    try:
        if name[:1] != "{":  # lxml would take that for a namespace
            return etree.SubElement(root, name)
    except ValueError:
        pass  # a name of a form, and none of an element
    return etree.SubElement(root, UNNAMED, name=name)
