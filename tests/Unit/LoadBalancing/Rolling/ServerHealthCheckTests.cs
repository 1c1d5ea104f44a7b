using ProdOps.LoadBalancing.Rolling;
using ProdOps.Monitoring.Tests.TestTools;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.LoadBalancing.Tests.Rolling;

/// <summary>Asking an application on its own server, by a real shell.</summary>
public sealed class ServerHealthCheckTests
{
    [LinuxFact]
    public async Task An_application_is_asked_by_its_path_and_host()
    {
        await using var application = new TextServer(request => request.StartsWith("GET /health?full=1 HTTP/1.1\r\nHost: shop.example\r\n", StringComparison.Ordinal) ? "HTTP/1.1 204 No Content\r\n\r\n" : "HTTP/1.1 503 Service\u001b[31m Unavailable\r\n\r\n");
        var shell = new LocalShell("web1");
        var well = await AskAsync(shell, application.Port, "/health?full=1");
        Assert.Null(well.Error);
        Assert.Equal(["HTTP 204"], well.Output);
        Assert.Equal("HTTP 503 Service [31m Unavailable", (await AskAsync(shell, application.Port, "/other'; touch /tmp/x; '")).Error);
        await using var silent = new TextServer(_ => "");
        Assert.Equal("it closed the connection without an answer", (await AskAsync(shell, silent.Port, "/")).Error);
        int port = silent.Port;
        await silent.DisposeAsync();
        Assert.Contains("refused", (await AskAsync(shell, port, "/")).Error, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK", null)]
    [InlineData("HTTP/1.1 302 Found\r\n", null)]
    [InlineData("HTTP/1.1 404 Not Found", "HTTP 404 Not Found")]
    [InlineData("HTTP/1.1 000", "HTTP/1.1 000")]
    [InlineData("SSH-2.0-OpenSSH_9.2", "SSH-2.0-OpenSSH_9.2")]
    [InlineData("", "no answer")]
    public void Answers_are_judged_by_their_status(string output, string? error) => Assert.Equal(error, ServerHealthCheck.Read(output).Error);

    [Theory]
    [InlineData("health", "shop")]
    [InlineData("/he alth", "shop")]
    [InlineData("/health\r\nX: y", "shop")]
    [InlineData("/health", "")]
    [InlineData("/health", "shop\r\nX: y")]
    public void What_cannot_stand_in_a_request_is_refused(string path, string host) =>
        Assert.Equal("RollingUpdateHealthCheckInvalid", Assert.Throws<ProdOpsException>(() => ServerHealthCheck.Command("127.0.0.1", 80, path, host)).ErrorId);

    [Fact]
    public void Damaged_answers_are_judged() => ParserFuzz.Run("health check", text => ServerHealthCheck.Read(text), ["HTTP/1.1 200 OK\r\n", "curl: (7) Failed to connect"]);

    private static async Task<RollingWorkResult> AskAsync(IServerShell shell, int port, string path) =>
        ServerHealthCheck.Read((await shell.RunAsync(ServerHealthCheck.Command("127.0.0.1", port, path.Replace(' ', '+'), "shop.example"), default)).Text);
}
