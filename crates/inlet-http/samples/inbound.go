// Adds an inbound message: go run inbound.go
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
)

func main() {
	body := `{"type": "SMS", "contactId": "CONTACT-ID", "message": "Hello from Go", "altId": "go-1"}`
	request, err := http.NewRequest("POST", "INLET-URL/conversations/messages/inbound", strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer YOUR-TOKEN")
	request.Header.Set("Version", "2021-04-15")
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		log.Fatal(string(answer))
	}
	fmt.Println(string(answer))
}
