using System.Management.Automation;
using System.Net;

namespace ProdOps.Cmdlets.Tests.Recovery;

/// <summary>Start-ProdOpsConsole through the built module, asked as a browser asks it.</summary>
public sealed class ConsoleTests(Monitoring.HistoryFixture history) : IClassFixture<Monitoring.HistoryFixture>
{
    [Fact]
    public async Task The_address_that_it_emits_lets_a_browser_in_until_it_is_stopped()
    {
        using var engine = new Engine();
        engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{history.Folder}')");
        using var shell = engine.Shell("Start-ProdOpsConsole -RefreshInterval 1s");
        var (console, run) = await StartAsync(shell);
        Assert.Equal("shop", console.Properties["Environment"].Value);
        var url = (Uri)console.Properties["Url"].Value;
        Assert.DoesNotContain(url.Query, console.ToString(), StringComparison.Ordinal);

        using var handler = new HttpClientHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false };
        using var browser = new HttpClient(handler) { BaseAddress = new Uri(url.GetLeftPart(UriPartial.Authority)) };
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(url)).StatusCode);
        string page = await browser.GetStringAsync("/");
        Assert.Contains("<h1>shop</h1>", page, StringComparison.Ordinal);
        Assert.Contains("An incident begins", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await browser.PostAsync("/", new StringContent("x"))).StatusCode);
        // What changes comes by itself: the time when it was made does.
        using var events = new StreamReader(await browser.GetStreamAsync("/events?seen=" + page.Split("data-seen=\"")[1].Split('"')[0]));
        string told = "";
        while (!told.Contains("\"made\":", StringComparison.Ordinal)) told = await events.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)) ?? throw new EndOfStreamException();

        await Task.Run(shell.Stop).WaitAsync(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAnyAsync<Exception>(() => Task.Factory.FromAsync(run, shell.EndInvoke));
        await Assert.ThrowsAsync<HttpRequestException>(() => browser.GetAsync("/"));
    }

    [Fact]
    public async Task Where_it_may_it_does_what_the_cmdlets_do_and_they_see_it()
    {
        string folder = Path.Combine(history.Folder, "acting");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "environment.psd1"), """
            @{
                Name = 'shop'
                Servers = @{ Name = 'web1'; Address = '192.0.2.1'; Role = 'App' }, @{ Name = 'db1'; Address = '192.0.2.2'; Role = 'Database' }
                Monitoring = @{ Store = './store' }
            }
            """);
        long incident;
        using (var store = new MonitoringFixture(Path.Combine(folder, "store"))) incident = store.AddOpenIncident("web1", TimeProvider.System.GetUtcNow().AddMinutes(-10));
        using var engine = new Engine();
        engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{folder}')");
        using var colleague = new Engine();
        colleague.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{folder}')");
        using var shell = engine.Shell("Start-ProdOpsConsole -AllowChange -Verbose");
        var (console, _) = await StartAsync(shell);
        var url = (Uri)console.Properties["Url"].Value;
        using var handler = new HttpClientHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false };
        using var browser = new HttpClient(handler) { BaseAddress = new Uri(url.GetLeftPart(UriPartial.Authority)) };
        await browser.GetAsync(url);
        Assert.Contains($"/acknowledge?incident={incident}\"", await browser.GetStringAsync("/"), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.SeeOther, await SendAsync($"/acknowledge?incident={incident}", ("incident", $"{incident}"), ("by", "anna"), ("comment", "on it"), ("for", "2h")));
        Assert.Equal("anna", Texts("(Get-HealthEvent -Open).By").Single());
        // A role is what it is now.
        Assert.Equal(HttpStatusCode.SeeOther, await SendAsync("/pause?server=role:Database", ("server", "role:Database"), ("check", ""), ("instance", ""), ("by", "anna"), ("reason", "deploy"), ("for", "30m")));
        string number = Texts("Get-HealthDowntime | ForEach-Object { \"$($_.Server) $($_.Reason) $($_.By) $([Math]::Round(($_.Until - $_.From).TotalMinutes)) $($_.Number)\" }").Single();
        Assert.StartsWith("db1 deploy anna 30 ", number, StringComparison.Ordinal);
        number = number.Split(' ')[^1];
        Assert.Equal(HttpStatusCode.SeeOther, await SendAsync($"/resume?downtime={number}", ("downtime", number), ("by", "bert")));
        Assert.Empty(Texts("Get-HealthDowntime"));
        string[] told = ["The console: anna acknowledged", "The console: anna paused db1 until", "The console: bert resumed db1."];
        Assert.All(told, line => Assert.Contains(shell.Streams.Verbose, verbose => verbose.Message.StartsWith(line, StringComparison.Ordinal)));
        await Task.Run(shell.Stop).WaitAsync(TimeSpan.FromSeconds(30));

        string[] Texts(string script) => [.. colleague.Run(script).Select(one => one?.ToString() ?? "")];

        async Task<HttpStatusCode> SendAsync(string address, params (string Name, string Value)[] fields)
        {
            string page = await browser.GetStringAsync(address);
            var all = fields.Concat([("secret", Hidden("secret")), ("seen", Hidden("seen"))]).ToDictionary();
            using var request = new HttpRequestMessage(HttpMethod.Post, address.Split('?')[0]) { Content = new FormUrlEncodedContent(all) };
            request.Headers.Add("Origin", url.GetLeftPart(UriPartial.Authority));
            return (await browser.SendAsync(request)).StatusCode;

            string Hidden(string name) => page.Split($"name=\"{name}\" value=\"")[1].Split('"')[0];
        }
    }

    [Fact]
    public async Task Logs_and_metrics_are_searched_where_they_are_kept()
    {
        string folder = Path.Combine(history.Folder, "console");
        Directory.CreateDirectory(folder);
        string day = $"{TimeProvider.System.GetUtcNow().AddMinutes(-10):yyyy-MM-ddTHH:mm:ss}Z";
        File.WriteAllText(Path.Combine(folder, "shop.log"), string.Concat(Enumerable.Range(0, 20).Select(i => $"{{\"time\":\"{day}\",\"level\":\"error\",\"msg\":\"order {i} <failed>\",\"Status\":{500 + (i % 2)}}}\n")));
        File.WriteAllText(Path.Combine(folder, "environment.psd1"), """
            @{
                Name = 'shop'
                Servers = @{ Name = 'web1'; Address = '192.0.2.1'; Role = 'App' }, @{ Name = 'db1'; Address = '192.0.2.2'; Role = 'Database' }
                Monitoring = @{ Store = '../store' }
                Logging = @{ Store = './logs' }
            }
            """);
        using var engine = new Engine();
        engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{folder}'); Import-Log ./shop.log -Server web1");
        using var shell = engine.Shell("Start-ProdOpsConsole");
        var (console, _) = await StartAsync(shell);
        var url = (Uri)console.Properties["Url"].Value;
        using var handler = new HttpClientHandler { CookieContainer = new CookieContainer() };
        using var browser = new HttpClient(handler) { BaseAddress = new Uri(url.GetLeftPart(UriPartial.Authority)) };
        await browser.GetAsync(url);

        string logs = await browser.GetStringAsync($"/logs?q=order&server=role:App&where={Uri.EscapeDataString("$_.Status -eq 501")}");
        Assert.Contains("10 in all.", logs, StringComparison.Ordinal);
        Assert.Contains("order 19 &lt;failed&gt;", logs, StringComparison.Ordinal);
        Assert.DoesNotContain("order 18 ", logs, StringComparison.Ordinal);
        Assert.Contains("Nothing was found", await browser.GetStringAsync("/logs?server=db1"), StringComparison.Ordinal);
        string none = await browser.GetStringAsync("/logs?server=role:None");
        Assert.Contains("role=\"alert\"", none, StringComparison.Ordinal);
        // Nothing of a condition is run.
        string mark = Path.Combine(folder, "mark");
        foreach (string condition in (string[])[$"$_.Status -eq (New-Item '{mark}')", $"$_.Status -eq $([IO.File]::Create('{mark}'))", $"using module '{mark}'", "configuration x { }", $"$_.Status -eq \"$(New-Item {mark})\"", "$_.Status -eq $HOME", "{ $_.Status -eq 500"])
            Assert.Contains("role=\"alert\"", await browser.GetStringAsync($"/logs?where={Uri.EscapeDataString(condition)}"), StringComparison.Ordinal);
        Assert.False(File.Exists(mark));
        foreach (string condition in (string[])["{ $_.Status -in 500, 501 -and -not ($_.Status -lt -5) }", "$_.Status -ge 500 -or $_.msg -like 'x*' -or $_.Nothing -eq $null", "$_.Status -in @(500, '501')"])
            Assert.Contains("20 in all.", await browser.GetStringAsync($"/logs?where={Uri.EscapeDataString(condition)}"), StringComparison.Ordinal);

        string metrics = await browser.GetStringAsync("/metrics?server=role:Database&metric=disk.used&last=7d");
        Assert.Contains("<strong>disk.used /, db1</strong>", metrics, StringComparison.Ordinal);
        Assert.Contains("<option value=\"disk.free\">", metrics, StringComparison.Ordinal);
        await Task.Run(shell.Stop).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void With_a_time_it_ends_by_itself_and_with_a_token_of_one_s_own_the_address_stays()
    {
        Assert.Matches("^http://127\\.0\\.0\\.1:[0-9]+/\\?token=a-token-of-one%27s-own$", history.Texts("(Start-ProdOpsConsole -For 1s -Token ([System.Net.NetworkCredential]::new('', \"a-token-of-one's-own\").SecurePassword)).Url.AbsoluteUri").Single());
        string[] addresses = history.Texts("(Start-ProdOpsConsole -For 1ms).Url; (Start-ProdOpsConsole -For 1ms).Url");
        Assert.NotEqual(addresses[0].Split('=')[1], addresses[1].Split('=')[1]);
        Assert.Empty(history.Texts("Start-ProdOpsConsole -WhatIf"));
    }

    [Theory]
    [InlineData("Start-ProdOpsConsole -For 1ms -Token ([System.Net.NetworkCredential]::new('', 'short').SecurePassword)", "ConsoleTokenShort")]
    [InlineData("Start-ProdOpsConsole -For 1ms -Environment ./none.psd1", "EnvironmentNotFound")]
    public void What_cannot_be_is_refused_with_its_own_error(string script, string error) => Assert.Equal($"{error},ProdOps.Cmdlets.Recovery.StartProdOpsConsole", history.ErrorOf(script));

    [Fact]
    public async Task A_port_that_is_taken_is_told()
    {
        using var engine = new Engine();
        using var shell = engine.Shell($"Start-ProdOpsConsole -Environment '{history.Folder}/environment.psd1'");
        var (console, _) = await StartAsync(shell);
        Assert.StartsWith("ConsolePortTaken,", history.ErrorOf($"Start-ProdOpsConsole -For 1ms -Port {console.Properties["Port"].Value}"), StringComparison.Ordinal);
        await Task.Run(shell.Stop).WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static async Task<(PSObject Console, IAsyncResult Run)> StartAsync(PowerShell shell)
    {
        var output = new PSDataCollection<PSObject>();
        var listening = new TaskCompletionSource();
        output.DataAdded += (_, _) => listening.TrySetResult();
        var run = shell.BeginInvoke<PSObject, PSObject>(null, output);
        await listening.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return (output[0], run);
    }
}
