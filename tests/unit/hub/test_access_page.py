"""The page that says who may do what."""

from assay_hub.cli.documentation import PAGE, page


def test_the_page_says_what_the_tables_say():
    assert PAGE.read_text("utf-8") == page(), "make docs"
