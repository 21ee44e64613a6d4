// Adds an inbound message; Java 17 or newer: java Inbound.java
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

public class Inbound {
    public static void main(String[] arguments) throws Exception {
        String body = """
            {"type": "SMS", "contactId": "CONTACT-ID", "message": "Hello from Java", "altId": "java-1"}""";
        HttpRequest request = HttpRequest.newBuilder(URI.create("INLET-URL/conversations/messages/inbound"))
            .header("Authorization", "Bearer YOUR-TOKEN")
            .header("Version", "2021-04-15")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IllegalStateException(response.body());
        }
        System.out.println(response.body());
    }
}
