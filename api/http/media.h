/*
 * media: the type of a body, from Content-Type and Content-Encoding.
 */
#ifndef API_HTTP_MEDIA_H
#define API_HTTP_MEDIA_H

/*
 * 1 when TYPE (NULL: none) is application/json or a type built on it, such as
 * application/merge-patch+json.  Parameters are allowed (RFC 9110 section
 * 8.3.1), but JSON is UTF-8 (RFC 8259 section 8.1), so no other charset is
 * accepted.
 */
int media_is_json(const char *type);

/* 1 when TYPE (NULL: none) is multipart: the body holds other bodies. */
int media_is_multipart(const char *type);

/* 1 when CODING (NULL: none) leaves the bytes of a body as they are. */
int media_is_identity(const char *coding);

#endif
