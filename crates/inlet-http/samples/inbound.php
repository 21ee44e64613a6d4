<?php
// Adds an inbound message; PHP with curl.
$call = curl_init('INLET-URL/conversations/messages/inbound');
curl_setopt_array($call, [
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_HTTPHEADER => [
        'Authorization: Bearer YOUR-TOKEN',
        'Version: 2021-04-15',
        'Content-Type: application/json',
    ],
    CURLOPT_POSTFIELDS => json_encode([
        'type' => 'SMS',
        'contactId' => 'CONTACT-ID',
        'message' => 'Hello from PHP',
        'altId' => 'php-1',
    ]),
]);
$answer = curl_exec($call);
if (curl_getinfo($call, CURLINFO_RESPONSE_CODE) !== 200) {
    exit($answer ?: curl_error($call));
}
echo $answer, PHP_EOL;
