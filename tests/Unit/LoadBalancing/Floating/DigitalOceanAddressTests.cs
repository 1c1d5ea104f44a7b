using Microsoft.Extensions.Time.Testing;
using ProdOps.LoadBalancing.Floating;
using ProdOps.Servers.Secrets;

namespace ProdOps.LoadBalancing.Tests.Floating;

/// <summary>Moving a reserved address, over a clock that runs as fast as answers come.</summary>
public sealed class DigitalOceanAddressTests : IAsyncDisposable
{
    private readonly ProviderStub _provider = new();
    private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.Zero };

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Fact]
    public async Task An_address_is_given_to_another_machine_and_waited_for()
    {
        var address = Address();
        Assert.Equal("101", await RunAsync(address.ReadHolderAsync(default)));
        await MoveAsync(address, "102");
        Assert.Equal(102, _provider.Holder);
        string[] requests = [.. _provider.Requests];
        Assert.Equal(
            [
                "GET /v2/reserved_ips/203.0.113.5",
                "GET /v2/reserved_ips/203.0.113.5/actions",
                "GET /v2/reserved_ips/203.0.113.5",
                "POST /v2/reserved_ips/203.0.113.5/actions {\"type\":\"assign\",\"droplet_id\":102}",
                "GET /v2/reserved_ips/203.0.113.5/actions/72531856",
                "GET /v2/reserved_ips/203.0.113.5/actions/72531856",
                "GET /v2/reserved_ips/203.0.113.5/actions",
                "GET /v2/reserved_ips/203.0.113.5",
            ], requests);
        _provider.Holder = null;
        Assert.Null(await RunAsync(address.ReadHolderAsync(default)));
    }

    [Fact]
    public async Task An_address_that_is_there_already_is_left_alone()
    {
        await MoveAsync(Address(), "101");
        Assert.DoesNotContain(_provider.Requests, request => request.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_begun_before_a_restart_is_found_again_and_not_begun_twice()
    {
        _provider.Begin(102);
        await MoveAsync(Address(), "102");
        Assert.Equal(102, _provider.Holder);
        Assert.DoesNotContain(_provider.Requests, request => request.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_action_that_is_pending_is_waited_for()
    {
        // It was not there yet when we looked, and is when we begin.
        _provider.Next.Enqueue(("POST", ProviderStub.Failure("422 Unprocessable Entity", "unprocessable_entity", "The IP already has a pending event.")));
        _provider.Begin(103);
        await MoveAsync(Address(), "102");
        Assert.Equal(102, _provider.Holder);
    }

    [Fact]
    public async Task A_request_whose_answer_was_lost_is_not_repeated_when_it_arrived()
    {
        _provider.Next.Enqueue(("POST", null));
        var address = Address();
        var moving = address.MoveAsync("102", default);
        // The connection ended after the provider had begun the action.
        while (!_provider.Requests.Any(request => request.StartsWith("POST", StringComparison.Ordinal))) await Task.Delay(5);
        _provider.Begin(102);
        await RunAsync(moving);
        Assert.Equal(102, _provider.Holder);
        Assert.Single(_provider.Requests, request => request.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_limit_of_requests_is_waited_for_as_long_as_it_says()
    {
        _provider.Next.Enqueue(("GET", ProviderStub.Failure("429 Too Many Requests", "too_many_requests", "API Rate limit exceeded.", "Retry-After: 40\r\n")));
        var began = _time.GetUtcNow();
        await MoveAsync(Address(), "102");
        Assert.InRange(_time.GetUtcNow() - began, TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(60));
        _provider.Next.Enqueue(("GET", ProviderStub.Failure("429 Too Many Requests", "too_many_requests", "API Rate limit exceeded.", "Retry-After: 4000\r\n")));
        await FailAsync("FloatingAddressProviderSilent", "API Rate limit exceeded.", "101");
    }

    [Fact]
    public async Task A_provider_in_trouble_is_asked_again()
    {
        _provider.Next.Enqueue(("GET", ProviderStub.Failure("503 Service Unavailable", "server_error", "Unexpected server-side error")));
        _provider.Next.Enqueue(("GET", null));
        _provider.Next.Enqueue(("POST", ProviderStub.Failure("500 Internal Server Error", "server_error", "Unexpected server-side error")));
        await MoveAsync(Address(), "102");
        Assert.Equal(102, _provider.Holder);
    }

    [Fact]
    public async Task An_action_that_fails_is_said()
    {
        _provider.ActionEnd = "errored";
        await FailAsync("FloatingAddressRefused", "action 72531856 ended as errored", "102");
    }

    [Fact]
    public async Task An_action_that_never_ends_is_given_up_and_named()
    {
        _provider.PollsPerAction = int.MaxValue;
        await FailAsync("FloatingAddressTimedOut", "action 72531856 is still under way", "102");
    }

    [Fact]
    public async Task A_refusal_that_stays_is_an_error_with_the_reason()
    {
        for (int i = 0; i < 6; i++) _provider.Next.Enqueue(("POST", ProviderStub.Failure("422 Unprocessable Entity", "unprocessable_entity", "Droplet must be in the same region as the IP.")));
        await FailAsync("FloatingAddressRefused", "HTTP 422: Droplet must be in the same region as the IP.", "102");
    }

    [Theory]
    [InlineData("401 Unauthorized", "FloatingAddressLoginFailed")]
    [InlineData("403 Forbidden", "FloatingAddressLoginFailed")]
    [InlineData("404 Not Found", "FloatingAddressNotFound")]
    [InlineData("301 Moved Permanently", "FloatingAddressAnswerNotUnderstood")]
    public async Task Other_refusals_have_names(string status, string id)
    {
        _provider.Next.Enqueue(("GET", ProviderStub.Failure(status, "x", "because of \\u001b[31m this", "Location: http://127.0.0.1:1/\r\n")));
        var error = await FailAsync(id, "because of  [31m this", "102");
        Assert.DoesNotContain(ProviderStub.Token, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("{\"reserved_ip\":5,\"actions\":[{\"id\":\"x\",\"status\":\"in-progress\"}]}")]
    [InlineData("{\"reserved_ip\":{\"droplet\":{\"id\":1.5}},\"actions\":[]}")]
    [InlineData("{\"actions\":[{\"id\":1}]}")]
    [InlineData("{\"actions\":{}}")]
    public async Task Answers_that_are_none_are_refused(string body)
    {
        for (int i = 0; i < 3; i++) _provider.Next.Enqueue(("GET", ProviderStub.Answer("200 OK", body)));
        await FailAsync("FloatingAddressAnswerNotUnderstood", "", "102");
    }

    [Fact]
    public async Task A_definition_that_cannot_work_is_refused_before_anything_is_asked()
    {
        Assert.Equal("FloatingAddressInvalid", Assert.Throws<ProdOpsException>(() => Address(url: "http://api.example.org")).ErrorId);
        Assert.Equal("FloatingAddressInvalid", Assert.Throws<ProdOpsException>(() => Address(address: "203.0.113.5/../../account")).ErrorId);
        Assert.Equal("FloatingAddressInvalid", Assert.Throws<ProdOpsException>(() => Address(address: "2001:db8::1")).ErrorId);
        await FailAsync("FloatingAddressInvalid", "no droplet's number", "lb2");
        Assert.Empty(_provider.Requests);
        var twoLines = Address(token: "one\ntwo");
        Assert.Equal("FloatingAddressInvalid", (await Assert.ThrowsAsync<ProdOpsException>(() => twoLines.ReadHolderAsync(default))).ErrorId);
    }

    [Fact]
    public async Task Calling_it_off_ends_the_waiting()
    {
        _provider.PollsPerAction = int.MaxValue;
        using var stop = new CancellationTokenSource();
        var moving = Address().MoveAsync("102", stop.Token);
        while (!_provider.Requests.Any(request => request.StartsWith("POST", StringComparison.Ordinal))) await Task.Delay(5);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => moving);
    }

    [Fact]
    public void The_balancer_is_known_by_its_machine()
    {
        var definition = new FloatingAddressDefinition { Address = ProviderStub.Address, Machines = new Dictionary<string, string> { ["lb1"] = "101", ["lb2"] = "102" } };
        Assert.Equal("lb2", FloatingAddresses.BalancerOf(definition, "102"));
        Assert.Null(FloatingAddresses.BalancerOf(definition, "103"));
        Assert.Null(FloatingAddresses.BalancerOf(definition, null));
        Assert.Equal("FloatingAddressInvalid", Assert.Throws<ProdOpsException>(() => FloatingAddresses.Create(definition, _ => throw new InvalidOperationException(), _time, SilentActivity.Instance)).ErrorId);
    }

    private DigitalOceanAddress Address(string? url = null, string address = ProviderStub.Address, string token = ProviderStub.Token) =>
        new(new FloatingAddressDefinition { Address = address, Url = url ?? _provider.Url }, SecretSource.FromBytes(System.Text.Encoding.UTF8.GetBytes(token)), _time, SilentActivity.Instance);

    private async Task MoveAsync(DigitalOceanAddress address, string machine) => await RunAsync(address.MoveAsync(machine, default));

    private async Task<ProdOpsException> FailAsync(string id, string said, string machine)
    {
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => MoveAsync(Address(), machine));
        Assert.Equal(id, error.ErrorId);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        return error;
    }

    /// <summary>Lets the clock go on whenever no answer is under way.</summary>
    private async Task RunAsync(Task work)
    {
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(10));
            if (_provider.Busy == 0) _time.Advance(TimeSpan.FromMilliseconds(200));
        }

        await work;
    }

    private async Task<T> RunAsync<T>(Task<T> work)
    {
        await RunAsync((Task)work);
        return await work;
    }
}
