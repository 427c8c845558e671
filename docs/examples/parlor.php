<?php
/*
 * Sends a text to a room of Parlor, from the back end of a site.
 *
 *     require 'parlor.php';
 *     parlor_send('https://example.org/chat/', $key, 'orders', 'Order 17 was paid');
 *
 *     PARLOR_KEY=pk_... php parlor.php https://example.org/chat/ orders 'Order 17 was paid'
 *
 * The key needs the scope alerts, and rooms too if it is to make the room.
 */

const PARLOR_TRIES = 5;

/* One request; returns [status, body], or [0, ''] if there was no answer. */
function parlor_request(string $url, array $headers, string $body): array
{
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => $headers,
        'content' => $body,
        'ignore_errors' => true,
        'timeout' => 20,
    ]]);
    $http_response_header = [];
    $text = @file_get_contents($url, false, $context);
    if ($text === false || !preg_match('~^\S+ (\d+)~', $http_response_header[0] ?? '', $found))
        return [0, ''];
    return [(int)$found[1], $text];
}

/* Returns the stored message.  Repeating the request sends nothing twice. */
function parlor_send(string $base, string $key, string $room, string $text, array $labels = []): array
{
    $headers = [
        "Authorization: Bearer $key",
        'Content-Type: text/plain',
        'Idempotency-Key: ' . bin2hex(random_bytes(16)),
    ];
    $url = $base . $room . '?' . http_build_query($labels, '', '&', PHP_QUERY_RFC3986);
    for ($try = 1; ; $try++) {
        [$status, $body] = parlor_request($url, $headers, $text);
        if ($status === 200 || $status === 201)
            return json_decode($body, true)['message'];
        $passing = $status === 0 || $status === 429 || $status >= 500;
        if (!$passing || $try === PARLOR_TRIES)
            throw new RuntimeException("Parlor: $status $body");
        sleep(1);
    }
}

if (PHP_SAPI === 'cli' && realpath($argv[0]) === __FILE__) {
    [, $base, $room, $text] = $argv;
    $labels = isset($argv[4]) ? ['title' => $argv[4]] : [];
    echo parlor_send($base, getenv('PARLOR_KEY'), $room, $text, $labels)['id'], "\n";
}
