# Takes out of the virtual environment in $1 what a workspace never uses.
# rfc3987-syntax and lark check formats of internationalised URIs for jsonschema; importing them is half of a server's start.
set -eu
/opt/uv/bin/uv pip uninstall --quiet --python "$1/bin/python" rfc3987-syntax lark
find "$1" -type d \( -name tests -o -name test \) -path '*/site-packages/*' -prune -exec rm -rf {} +
find "$1" -name '*.map' -delete
rm -rf "$1/share/man"
