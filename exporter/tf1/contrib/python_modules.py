"""The modules inside of `tf.contrib` (``layers.python.layers.utils``), which old code imports names from."""

from __future__ import annotations

__all__ = ["PYTHON_MODULES"]

_MODULES = {
    "batching.python": "ops",
    "batching.python.ops": "batch_ops",
    "checkpoint.python": "containers python_state split_dependency visualize",
    "cloud.python": "ops",
    "cloud.python.ops": "bigquery_reader_ops gcs_config_ops",
    "cluster_resolver.python": "training",
    "cluster_resolver.python.training":
        "cluster_resolver gce_cluster_resolver kubernetes_cluster_resolver slurm_cluster_resolver "
        "tfconfig_cluster_resolver tpu_cluster_resolver",
    "constrained_optimization.python":
        "candidates constrained_minimization_problem constrained_optimizer external_regret_optimizer "
        "swap_regret_optimizer",
    "copy_graph.python": "util",
    "copy_graph.python.util": "copy_elements",
    "crf.python": "ops",
    "crf.python.ops": "crf",
    "cudnn_rnn.python": "layers ops",
    "cudnn_rnn.python.layers": "cudnn_rnn",
    "cudnn_rnn.python.ops": "cudnn_rnn_ops",
    "data.python": "ops",
    "data.python.ops":
        "batching counter enumerate_ops error_ops get_single_element grouping interleave_ops iterator_ops "
        "parsing_ops prefetching_ops random_ops readers resampling scan_ops shuffle_ops sliding threadpool unique "
        "writers",
    "distribute.python":
        "collective_all_reduce_strategy mirrored_strategy monitor one_device_strategy parameter_server_strategy "
        "tpu_strategy",
    "distributions.python": "ops",
    "distributions.python.ops":
        "autoregressive batch_reshape bijectors binomial cauchy chi2 conditional_distribution "
        "conditional_transformed_distribution deterministic distribution_util estimator geometric gumbel "
        "half_normal independent inverse_gamma kumaraswamy logistic mixture mixture_same_family moving_stats "
        "mvn_diag mvn_diag_plus_low_rank mvn_full_covariance mvn_linear_operator mvn_tril negative_binomial "
        "normal_conjugate_posteriors onehot_categorical poisson poisson_lognormal quantized_distribution "
        "relaxed_bernoulli relaxed_onehot_categorical sample_stats seed_stream shape sinh_arcsinh test_util "
        "vector_diffeomixture vector_exponential_diag vector_exponential_linear_operator vector_laplace_diag "
        "vector_laplace_linear_operator vector_sinh_arcsinh_diag vector_student_t wishart",
    "distributions.python.ops.bijectors":
        "absolute_value affine affine_linear_operator affine_scalar batch_normalization chain "
        "cholesky_outer_product conditional_bijector exp fill_triangular gumbel inline invert kumaraswamy "
        "masked_autoregressive matrix_inverse_tril ordered permute power_transform real_nvp reshape scale_tril "
        "sigmoid sinh_arcsinh softmax_centered softplus softsign square transform_diagonal weibull",
    "eager.python": "datasets metrics metrics_impl network parameter_server saver tfe",
    "estimator.python": "estimator",
    "estimator.python.estimator":
        "boosted_trees dnn_with_layer_annotations early_stopping export exporter extenders head hooks logit_fns "
        "multi_head replicate_model_fn rnn saved_model_estimator",
    "factorization.python": "ops",
    "factorization.python.ops": "clustering_ops factorization_ops gmm gmm_ops kmeans wals",
    "feature_column.python": "feature_column",
    "feature_column.python.feature_column": "sequence_feature_column",
    "framework.python": "framework ops",
    "framework.python.framework": "checkpoint_utils experimental graph_util tensor_util",
    "framework.python.ops": "arg_scope audio_ops checkpoint_ops ops prettyprint_ops script_ops sort_ops variables",
    "image.python": "ops",
    "image.python.ops":
        "dense_image_warp distort_image_ops image_ops interpolate_spline single_image_random_dot_stereograms "
        "sparse_image_warp",
    "integrate.python": "ops",
    "integrate.python.ops": "odes",
    "kernel_methods.python": "kernel_estimators losses mappers",
    "kernel_methods.python.mappers": "dense_kernel_mapper random_fourier_features",
    "layers.python": "layers ops",
    "layers.python.layers":
        "embedding_ops encoders feature_column feature_column_ops initializers layers normalization optimizers "
        "regularizers rev_block_lib summaries target_column utils",
    "layers.python.ops": "bucketization_op sparse_feature_cross_op sparse_ops",
    "learn.python": "learn",
    "learn.python.learn":
        "basic_session_run_hooks datasets estimators evaluable experiment export_strategy graph_actions learn_io "
        "learn_runner learn_runner_lib metric_spec models monitored_session monitors ops preprocessing "
        "session_run_hook summary_writer_cache trainable utils",
    "learn.python.learn.datasets": "base data mnist produce_small_datasets synthetic text_datasets",
    "learn.python.learn.estimators":
        "_sklearn composable_model constants debug dnn dnn_linear_combined dynamic_rnn_estimator estimator head "
        "kmeans linear logistic_regressor metric_key model_fn prediction_key rnn_common run_config "
        "state_saving_rnn_estimator svm tensor_signature test_data",
    "learn.python.learn.learn_io": "dask_io data_feeder generator_io graph_io numpy_io pandas_io",
    "learn.python.learn.ops": "embeddings_ops losses_ops seq2seq_ops",
    "learn.python.learn.preprocessing": "categorical categorical_vocabulary tests text",
    "learn.python.learn.utils": "export gc input_fn_utils inspect_checkpoint saved_model_export_utils",
    "legacy_seq2seq.python": "ops",
    "legacy_seq2seq.python.ops": "seq2seq",
    "linear_optimizer.python": "ops sdca_estimator sdca_optimizer",
    "linear_optimizer.python.ops": "sdca_ops sharded_mutable_dense_hashtable sparse_feature_column",
    "losses.python": "losses metric_learning",
    "losses.python.losses": "loss_ops",
    "losses.python.metric_learning": "metric_loss_ops",
    "memory_stats.python": "ops",
    "memory_stats.python.ops": "memory_stats_ops",
    "metrics.python": "metrics ops",
    "metrics.python.metrics": "classification",
    "metrics.python.ops": "confusion_matrix_ops histogram_ops metric_ops set_ops",
    "mixed_precision.python": "loss_scale_manager loss_scale_optimizer",
    "model_pruning.python": "layers learning pruning pruning_utils strip_pruning_vars_lib",
    "model_pruning.python.layers": "core_layers layers rnn_cells",
    "nn.python": "ops",
    "nn.python.ops": "alpha_dropout cross_entropy fwd_gradients sampling_ops scaled_softplus",
    "opt.python": "training",
    "opt.python.training":
        "adam_gs_optimizer adamax addsign agn_optimizer drop_stale_gradient_optimizer elastic_average_optimizer "
        "external_optimizer ggt lars_optimizer lazy_adam_gs_optimizer lazy_adam_optimizer matrix_functions "
        "model_average_optimizer moving_average_optimizer multitask_optimizer_wrapper nadam_optimizer powersign "
        "reg_adagrad_optimizer shampoo sign_decay variable_clipping_optimizer weight_decay_optimizers",
    "quantize.python": "common fold_batch_norms graph_matcher input_to_ops quant_ops quantize quantize_graph",
    "resampler.python": "ops",
    "resampler.python.ops": "resampler_ops",
    "rnn.python": "kernel_tests ops tools",
    "rnn.python.kernel_tests": "benchmarking",
    "rnn.python.ops": "core_rnn_cell fused_rnn_cell gru_ops lstm_ops rnn rnn_cell",
    "rnn.python.tools": "checkpoint_convert",
    "saved_model.python": "saved_model",
    "saved_model.python.saved_model": "keras_saved_model reader",
    "seq2seq.python": "ops",
    "seq2seq.python.ops":
        "attention_wrapper basic_decoder beam_search_decoder beam_search_ops decoder helper loss sampler",
    "slim.python": "slim",
    "slim.python.slim": "data evaluation learning model_analyzer nets queues summaries",
    "slim.python.slim.data":
        "data_decoder data_provider dataset dataset_data_provider parallel_reader prefetch_queue tfexample_decoder",
    "slim.python.slim.nets":
        "alexnet inception inception_v1 inception_v2 inception_v3 overfeat resnet_utils resnet_v1 resnet_v2 vgg",
    "sparsemax.python": "ops",
    "sparsemax.python.ops": "sparsemax sparsemax_loss",
    "tensor_forest.python": "ops tensor_forest",
    "tensor_forest.python.ops": "data_ops model_ops stats_ops tensor_forest_ops",
    "tensorrt.python": "trt_convert",
    "timeseries.python": "timeseries",
    "timeseries.python.timeseries":
        "ar_model estimators feature_keys head input_pipeline math_utils model model_utils saved_model_utils "
        "state_management state_space_models",
    "timeseries.python.timeseries.state_space_models":
        "filtering_postprocessor kalman_filter level_trend periodic state_space_model structural_ensemble varma",
    "tpu.python": "ops profiler tpu",
    "tpu.python.ops": "tpu_ops",
    "tpu.python.tpu":
        "_tpu_estimator_embedding async_checkpoint bfloat16 datasets device_assignment error_handling "
        "feature_column functional keras_support keras_tpu_variables session_support tensor_tracer topology tpu "
        "tpu_config tpu_context tpu_embedding tpu_embedding_gradient tpu_estimator tpu_feed tpu_function "
        "tpu_optimizer tpu_sharding tpu_system_metadata training_loop util",
    "training.python": "training",
    "training.python.training":
        "bucket_ops device_setter evaluation feeding_queue_runner hparam resample sampling_ops "
        "sequence_queueing_state_saver training tuner",
}
"""Package below ``tensorflow.contrib.`` of TensorFlow 1.15.5 -> its modules and packages."""

_OLDER = ("data.python.ops.dataset_ops", "data.python.framework", "layers.python.ops.loss_ops",
          "seq2seq.python.ops.attention_decoder_fn", "seq2seq.python.ops.decoder_fn", "seq2seq.python.ops.seq2seq",
          "training.python.training.failure_tolerator")
"""Modules of TensorFlow 1.0 to 1.4 that 1.15.5 no longer has."""

PYTHON_MODULES = frozenset([
    *(f"{package}.{name}" for package, names in _MODULES.items() for name in names.split()),
    *(f"{package.partition('.')[0]}.python" for package in _MODULES), *_OLDER])
"""Dotted names below ``tensorflow.contrib.``; what is not among them, and has no home, is not a module."""
