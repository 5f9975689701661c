# A JSON file as a C string: one literal a line, indentation dropped. No string of the file may
# begin a line.
BEGIN {
	print "/* Made from schemas.json. */"
	print "#include \"config.h\"\n"
	print "#include \"api/schemas.h\"\n"
	print "const char api_schemas[] ="
}
{
	sub(/^[ \t]+/, "")
	gsub(/[\\"]/, "\\\\&") # a backslash before each: mawk and gawk agree on this form
	printf "\t\"%s\"\n", $0
}
END { print "\t;" }
