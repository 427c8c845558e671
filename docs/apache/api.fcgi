#!/bin/sh
# Starts the API.  Both forms by .htaccess use it: as api.fcgi and as api.cgi.
# The settings are in parlor.conf beside the program, outside of the web.
exec /home/you/parlor/bin/parlor-api
