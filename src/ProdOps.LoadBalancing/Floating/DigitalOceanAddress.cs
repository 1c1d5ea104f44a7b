using System.Globalization;
using System.Net;
using System.Text.Json;
using ProdOps.Servers.Secrets;

namespace ProdOps.LoadBalancing.Floating;

/// <summary>
/// A reserved IP address of DigitalOcean, by version 2 of its API: <c>GET /v2/reserved_ips/{ip}</c> tells who has it, <c>POST …/actions</c> begins to move it, <c>GET …/actions</c> and
/// <c>GET …/actions/{id}</c> tell how far that is.
/// </summary>
internal sealed class DigitalOceanAddress : IFloatingAddress
{
    /// <summary>How often an action that is under way is asked for.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private const int MostRefusals = 5;

    private readonly DigitalOceanApi _api;
    private readonly TimeProvider _time;
    private readonly IActivity _activity;

    public DigitalOceanAddress(FloatingAddressDefinition definition, SecretSource token, TimeProvider time, IActivity activity)
    {
        if (!IPAddress.TryParse(definition.Address, out var address) || address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork)
            throw LoadBalancingErrors.FloatingAddressInvalid(definition.Address, "it is no IPv4 address", "Write the reserved address as the provider shows it, e.g. 203.0.113.5.");
        (Address, _time, _activity) = (address.ToString(), time, activity);
        _api = new DigitalOceanApi(definition.Url ?? "https://api.digitalocean.com", Address, token, time);
    }

    /// <inheritdoc/>
    public string Address { get; }

    /// <summary>How long moving may take from the first question to the last answer.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public Task<string?> ReadHolderAsync(CancellationToken cancellationToken) => HolderAsync(_time.GetTimestamp(), cancellationToken);

    /// <inheritdoc/>
    public async Task MoveAsync(string machine, CancellationToken cancellationToken)
    {
        if (!long.TryParse(machine, NumberStyles.None, CultureInfo.InvariantCulture, out long droplet))
            throw LoadBalancingErrors.FloatingAddressInvalid(Address, $"'{machine}' is no droplet's number", "Write into Machines the number of each balancer's droplet, as the provider's list of droplets shows it.");
        long begun = _time.GetTimestamp();
        for (int refusals = 0; ;)
        {
            // What was begun before, by us before we were cut off or by anybody, comes first: two actions at once are refused.
            if (await PendingAsync(begun, cancellationToken).ConfigureAwait(false) is { } pending)
            {
                _activity.Verbose($"Waiting for action {pending} of {Address}, which is under way.");
                await FollowAsync(pending, begun, cancellationToken).ConfigureAwait(false);
            }

            if (await HolderAsync(begun, cancellationToken).ConfigureAwait(false) == droplet.ToString(CultureInfo.InvariantCulture)) return;
            if (refusals > 0) await PauseAsync(begun, cancellationToken).ConfigureAwait(false);
            string order = $$"""{"type":"assign","droplet_id":{{droplet.ToString(CultureInfo.InvariantCulture)}}}""";
            var answer = await AskAsync(token => _api.PostAsync("actions", order, token), begun, repeat: false, cancellationToken).ConfigureAwait(false);
            // Nobody knows whether a request without an answer arrived: the next round finds out.
            if (answer is null) continue;
            if (answer.Status == 422)
            {
                if (++refusals > MostRefusals) throw LoadBalancingErrors.FloatingAddressRefused(Address, machine, answer.Said);
                _activity.Verbose($"Moving {Address} is refused ({answer.Said}); trying again.");
                continue;
            }

            var action = Field(answer.EnsureSuccess(), "action");
            long id = Number(action, "id");
            _activity.Verbose($"Action {id} gives {Address} to {machine}.");
            string status = Text(action, "status");
            if (status == "in-progress") status = await FollowAsync(id, begun, cancellationToken).ConfigureAwait(false);
            if (status != "completed") throw LoadBalancingErrors.FloatingAddressRefused(Address, machine, $"action {id} ended as {status}");
            // The provider may show the old holder for a moment: the next round looks, and only then it is there.
            ++refusals;
        }
    }

    /// <summary>Waits for the end of an action.</summary>
    /// <returns>How it ended: <c>completed</c> or <c>errored</c>.</returns>
    private async Task<string> FollowAsync(long action, long begun, CancellationToken cancellationToken)
    {
        while (true)
        {
            await PauseAsync(begun, cancellationToken, action).ConfigureAwait(false);
            var answer = await GetAsync(string.Create(CultureInfo.InvariantCulture, $"actions/{action}"), begun, cancellationToken).ConfigureAwait(false);
            if (Text(Field(answer, "action"), "status") is var status && status != "in-progress") return status;
        }
    }

    private async Task<string?> HolderAsync(long begun, CancellationToken cancellationToken)
    {
        var address = Field(await GetAsync("", begun, cancellationToken).ConfigureAwait(false), "reserved_ip");
        return address.TryGetProperty("droplet", out var droplet) && droplet.ValueKind == JsonValueKind.Object ? Number(droplet, "id").ToString(CultureInfo.InvariantCulture) : null;
    }

    /// <summary>The action that is under way.</summary>
    private async Task<long?> PendingAsync(long begun, CancellationToken cancellationToken)
    {
        var actions = Field(await GetAsync("actions", begun, cancellationToken).ConfigureAwait(false), "actions", JsonValueKind.Array);
        return actions.EnumerateArray().Where(action => Text(action, "status") == "in-progress").Select(action => (long?)Number(action, "id")).FirstOrDefault();
    }

    private async Task<JsonElement> GetAsync(string path, long begun, CancellationToken cancellationToken) =>
        (await AskAsync(token => _api.GetAsync(path, token), begun, repeat: true, cancellationToken).ConfigureAwait(false))!.EnsureSuccess();

    /// <summary>Asks. After an answer that says "later", or none, it waits as long as it should, and asks again if it may.</summary>
    /// <returns>The answer; <see langword="null"/> if there was none that counts.</returns>
    private async Task<DigitalOceanAnswer?> AskAsync(Func<CancellationToken, Task<DigitalOceanAnswer>> ask, long begun, bool repeat, CancellationToken cancellationToken)
    {
        do
        {
            string why;
            var wait = Poll;
            try
            {
                var answer = await ask(cancellationToken).ConfigureAwait(false);
                if (!answer.MayPass) return answer;
                (why, wait) = (answer.Said, answer.RetryAfter ?? Poll);
            }
            catch (HttpRequestException error)
            {
                why = error.Message;
            }

            if (_time.GetElapsedTime(begun) + wait > Limit) throw LoadBalancingErrors.FloatingAddressProviderSilent(Address, why);
            _activity.Verbose($"The provider of {Address} says: {why}; trying again in {wait.TotalSeconds:0.#} s.");
            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
        }
        while (repeat);
        return null;
    }

    private async Task PauseAsync(long begun, CancellationToken cancellationToken, long? action = null)
    {
        if (_time.GetElapsedTime(begun) + Poll > Limit) throw LoadBalancingErrors.FloatingAddressTimedOut(Address, Limit, action);
        await Task.Delay(Poll, _time, cancellationToken).ConfigureAwait(false);
    }

    private JsonElement Field(JsonElement element, string name, JsonValueKind kind = JsonValueKind.Object) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == kind ? value : throw LoadBalancingErrors.FloatingAddressNotUnderstood(Address, $"it has no {name}");

    private string Text(JsonElement element, string name) => Field(element, name, JsonValueKind.String).GetString()!;

    private long Number(JsonElement element, string name) =>
        Field(element, name, JsonValueKind.Number).TryGetInt64(out long number) ? number : throw LoadBalancingErrors.FloatingAddressNotUnderstood(Address, $"its {name} is no whole number");
}
