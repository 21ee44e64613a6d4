# Adds an inbound message; PowerShell 7 or newer.
$body = @{ type = 'SMS'; contactId = 'CONTACT-ID'; message = 'Hello from PowerShell'; altId = 'powershell-1' }
Invoke-RestMethod -Method Post -Uri 'INLET-URL/conversations/messages/inbound' `
  -Headers @{ Authorization = 'Bearer YOUR-TOKEN'; Version = '2021-04-15' } `
  -ContentType 'application/json' `
  -Body ($body | ConvertTo-Json) | ConvertTo-Json
