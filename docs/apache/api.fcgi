#!/bin/sh
# Starts the API.  Both .htaccess forms use this script, as api.fcgi or api.cgi.
# The settings are in parlor.conf beside the program, outside the document root.
exec /home/you/parlor/bin/parlor-api
