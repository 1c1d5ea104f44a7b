using ProdOps.LoadBalancing.Nginx;

namespace ProdOps.LoadBalancing.Tests.Nginx;

public sealed class NginxStatusTests
{
    private const string Page = "Active connections: 291 \nserver accepts handled requests\n 16630948 16630946 31070465 \nReading: 6 Writing: 179 Waiting: 106 \n";

    [Fact]
    public void The_page_is_read() => Assert.Equal(new NginxStatus(291, 31070465), NginxStatus.TryParse(Page));

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 404 Not Found\r\n\r\n<html>")]
    [InlineData("Active connections: x\nserver accepts handled requests\n 1 2 3\n")]
    [InlineData("Active connections: 1\nserver accepts handled requests\n 1 2\n")]
    [InlineData("Active connections: 1\n 1 2 3\n")]
    public void What_is_no_such_page_says_nothing(string text) => Assert.Null(NginxStatus.TryParse(text));

    [Fact]
    public void Damaged_pages_never_fail()
    {
        var random = new Random(5);
        for (int round = 0; round < 5000; round++)
        {
            char[] text = ("HTTP/1.1 200 OK\r\n\r\n" + Page)[..random.Next(Page.Length)].ToCharArray();
            for (int i = random.Next(10); i > 0 && text.Length > 0; i--) text[random.Next(text.Length)] = (char)random.Next(0, 256);
            _ = NginxStatus.TryParse(new string(text));
        }
    }

    [Theory]
    [InlineData("listen 80; location = /status { stub_status; }", "127.0.0.1", 80, "/status", "localhost")]
    [InlineData("listen 443 ssl; listen 127.0.0.1:8081; server_name _; location /nginx_status { stub_status on; allow 127.0.0.1; deny all; }", "127.0.0.1", 8081, "/nginx_status", "localhost")]
    [InlineData("listen [::]:8082; server_name status.example.org other; location ^~ /s { stub_status; }", "::1", 8082, "/s", "status.example.org")]
    [InlineData("location /s { stub_status; }", "127.0.0.1", 80, "/s", "localhost")]
    [InlineData("listen 10.0.0.5; location /s { stub_status; }", "10.0.0.5", 80, "/s", "localhost")]
    public void The_page_is_found_in_a_configuration(string server, string address, int port, string path, string host) =>
        Assert.Equal(new NginxStatusPage(address, port, path, host), NginxStatus.Find(NginxParser.Parse($"events {{}} http {{ server {{ listen 81; location / {{ return 200; }} }} server {{ {server} }} }}")));

    [Fact]
    public void It_is_found_in_a_file_that_is_included() => Assert.Equal(new NginxStatusPage("127.0.0.1", 80, "/s", "localhost"), NginxStatus.Find(NginxParser.Parse(
        "# configuration file /etc/nginx/nginx.conf:\nevents {}\nhttp { include /etc/nginx/conf.d/*.conf; }\n# configuration file /etc/nginx/conf.d/front.conf:\nserver { listen 80; location = /s { stub_status; } }\n")));

    [Theory]
    [InlineData("listen 80; location ~ ^/status$ { stub_status; }")]
    [InlineData("listen 443 ssl; location /s { stub_status; }")]
    [InlineData("listen unix:/run/s.sock; location /s { stub_status; }")]
    [InlineData("listen 'x;rm -rf':80; location /s { stub_status; }")]
    [InlineData("listen 80; location /s { return 200 stub_status; }")]
    public void One_that_cannot_be_asked_is_none(string server) => Assert.Null(NginxStatus.Find(NginxParser.Parse($"http {{ server {{ {server} }} }}")));
}
