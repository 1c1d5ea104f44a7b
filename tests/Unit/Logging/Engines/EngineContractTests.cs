namespace ProdOps.Logging.Tests.Engines;

/// <summary>The contract with real servers.</summary>
public sealed class EngineContractTests
{
    [EngineFact(EngineServer.VictoriaLogsVariable, "victoria-logs")]
    public async Task VictoriaLogs_answers_as_the_store_does()
    {
        await using var server = await EngineServer.VictoriaLogsAsync();
        await AnswersAsTheStoreDoesAsync(LogEngine.VictoriaLogs, server.Url);
    }

    [EngineFact(EngineServer.LokiVariable, "loki")]
    public async Task Loki_answers_as_the_store_does()
    {
        await using var server = await EngineServer.LokiAsync();
        await AnswersAsTheStoreDoesAsync(LogEngine.Loki, server.Url);
    }

    private static async Task AnswersAsTheStoreDoesAsync(LogEngine kind, Uri url)
    {
        using var contract = new EngineContract(kind, url);
        await contract.FillAsync();
        await contract.CompareLimitsAsync();
        await contract.CompareAsync(queries: kind == LogEngine.Loki ? 60 : 120, seed: 20261126);
        await contract.WatchAsync();
        await contract.LocksAsync();
        Assert.Empty(contract.Activity.Warnings);
        Assert.Empty(contract.Activity.Errors);
    }
}
