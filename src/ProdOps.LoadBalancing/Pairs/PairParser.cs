using System.Globalization;
using System.Net;
using System.Text.Json;

namespace ProdOps.LoadBalancing.Pairs;

/// <summary>Reads what <see cref="PairProbe"/> brings: iproute2's <c>ip -o addr show</c> and keepalived's state as JSON (vrrp_json.c of 2.x).</summary>
internal static class PairParser
{
    /// <summary>Reads the answer of a balancer.</summary>
    /// <exception cref="ProdOpsException">It is none, or ends before its end.</exception>
    public static PairFacts Parse(string server, string text)
    {
        string section = "", json = "";
        var addresses = new HashSet<IPAddress>();
        int? process = null;
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith('@'))
            {
                section = line.TrimEnd();
                if (section.StartsWith("@keepalived ", StringComparison.Ordinal) && int.TryParse(section["@keepalived ".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int id)) process = id;
            }
            else if (section == "@addresses" && AddressOf(line) is { } address) addresses.Add(address);
            else if (section == "@routers") json += line;
        }

        if (section != "@end") throw LoadBalancingErrors.PairAnswerNotUnderstood(server, "it ends too early");
        return new PairFacts { Server = server, Addresses = addresses, KeepalivedProcess = process, Routers = json.Length == 0 ? null : Routers(server, json) };
    }

    /// <summary>The address of a line such as <c>2: eth0    inet 10.77.0.11/24 brd 10.77.0.255 scope global eth0\ …</c>.</summary>
    private static IPAddress? AddressOf(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 4 || words[2] is not ("inet" or "inet6")) return null;
        int slash = words[3].IndexOf('/');
        return IPAddress.TryParse(slash < 0 ? words[3] : words[3].AsSpan(0, slash), out var address) ? address : null;
    }

    private static List<VirtualRouter> Routers(string server, string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            // Later versions put the list into an object, with the version beside it.
            var root = document.RootElement;
            var list = root.ValueKind == JsonValueKind.Object ? root.GetProperty("vrrp") : root;
            return [.. list.EnumerateArray().Select(item => RouterOf(item.GetProperty("data")))];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw LoadBalancingErrors.PairAnswerNotUnderstood(server, $"keepalived's state is not as it should be: {error.Message}");
        }
    }

    private static VirtualRouter RouterOf(JsonElement data)
    {
        var addresses = from member in new[] { "vips", "evips" }
                        where data.TryGetProperty(member, out _)
                        from item in data.GetProperty(member).EnumerateArray()
                        let word = (item.GetString() ?? "").Split(' ', '/')[0]
                        where IPAddress.TryParse(word, out _)
                        select IPAddress.Parse(word);
        int state = data.GetProperty("state").GetInt32();
        return new VirtualRouter(
            data.GetProperty("iname").GetString() ?? "", data.GetProperty("vrid").GetInt32(), Enum.IsDefined((VirtualRouterState)state) ? (VirtualRouterState)state : VirtualRouterState.Fault,
            data.GetProperty("base_priority").GetInt32(), data.GetProperty("effective_priority").GetInt32(), [.. addresses]);
    }
}
